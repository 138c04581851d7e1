"""The embedded front-end: holds calls, their children and the clock."""

from __future__ import annotations

import asyncio
from functools import partial

import numpy as np

from duplex_frontend.cascade.call import CascadeCall
from duplex_frontend.cascade.clock import Clock
from duplex_frontend.cascade.ears import PocketsphinxEars
from duplex_frontend.cascade.line import RATE_HZ, Line
from duplex_frontend.cascade.tuning import Tuning
from duplex_frontend.cascade.vad import SileroVad
from duplex_frontend.cascade.voice import open_voice
from duplex_frontend.errors import NoSeat
from duplex_frontend.ports import Voice
from duplex_frontend.types import Block, Capabilities, Persona
