"""Utterance → slot values and intents, and what to expect next: typed parsers over tables of spoken forms."""

from reasoner.understand.anticipate import anticipate
from reasoner.understand.understander import ParserUnderstander

__all__ = ["ParserUnderstander", "anticipate"]
