"""The embedded front-end: VAD, a streaming recogniser that is told what to expect, and a synthesized voice.

It works on a CPU with nothing downloaded. A demonstration and a test bed, not production recognition.
"""
