"""A simulation: an actor that stands in for a duplex model where no weights are. It says so wherever it is shown."""
