"""Speech systems behind one port: they listen, they speak, and they say what they heard and said."""
