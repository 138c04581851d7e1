"""From what the temporal transformer made of a position to the tokens of the next: text, then audio after it."""

from __future__ import annotations

import torch
from torch import Tensor

from duplex_frontend.engine.sampling import Dice, guided
from duplex_frontend.engine.temporal import Temporal
from duplex_frontend.engine.tokens import CODEBOOKS


def draw_frame(
    temporal: Temporal, dice: Dice, hidden: Tensor, logits: Tensor, allowed: Tensor
) -> tuple[Tensor, Tensor]:
    """Draw the text token, and the agent's eight audio tokens that follow from it.

    Args:
        temporal: whose Depformer is used, of B rows.
        dice: of the same B rows; not advanced here.
        hidden: [B, 1, D] and logits: [B, 1, 1, V], as `forward_text` gives them.
        allowed: int64 [B, A], see `guided`.

    Returns:
        text int64 [B], audio int64 [B, 8].
    """
    rows = temporal.rows
    assert hidden.shape[:2] == (rows, 1), hidden.shape
    assert logits.shape[:3] == (rows, 1, 1), logits.shape
    text = dice.draw(guided(logits[:, 0, 0].float(), allowed), 0)
    temporal.begin_frame()
    token, audio = text, []
    for k in range(CODEBOOKS):
        scores = temporal.lm.forward_depformer(k, token[:, None, None], hidden)
        token = dice.draw(scores[:, 0, 0].float(), k + 1)
        audio.append(token)
    return text, torch.stack(audio, dim=1)
