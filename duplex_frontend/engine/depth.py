"""From what the temporal transformer made of a position to the tokens of the next: text, then audio after it.

The Depformer is run over moshi's modules, codebook by codebook. The number of the codebook is known when a
graph is captured, so there is no ring, no mask and no offset: codebook k attends to the k + 1 first.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from moshi.utils.compile import no_compile
from torch import Tensor
from torch.nn import functional

from duplex_frontend.engine.errors import WrongArchitecture
from duplex_frontend.engine.sampling import Dice, guided
from duplex_frontend.engine.temporal import looked_up
from duplex_frontend.engine.tokens import CODEBOOKS


class Depth:
    """The Depformer for B rows. Keeps nothing from one frame to the next.

    Args:
        lm: moshi's LMModel with a Depformer for 8 codebooks.
        rows: B.

    Raises:
        WrongArchitecture: its Depformer is not Moshi's.
    """

    def __init__(self, lm: Any, rows: int) -> None:
        if lm.depformer.positional_embedding != "none" or not lm.depformer_multi_linear:
            raise WrongArchitecture(
                "the Depformer has positions, or one projection for all codebooks, which Moshi's has not; "
                "this engine serves PersonaPlex, Moshi and fine-tunes of them"
            )
        self._lm, self._rows = lm, rows
        self._layers = list(lm.depformer.layers)
        attention, weight = self._layers[0].self_attn, lm.text_linear.weight
        size = (len(self._layers), 2, rows, attention.num_heads, CODEBOOKS)
        self._kv = torch.zeros(
            *size, attention.embed_dim // attention.num_heads, dtype=weight.dtype, device=weight.device
        )

    def draw(self, dice: Dice, hidden: Tensor, logits: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
        """Draw the text token, and the agent's eight audio tokens that follow from it.

        Args:
            dice: of the same B rows; not advanced here.
            hidden: [B, 1, D] and logits: [B, 1, 1, V], as `Temporal.step` gives them.
            allowed: int64 [B, A], see `guided`.

        Returns:
            text int64 [B], audio int64 [B, 8].
        """
        assert hidden.shape[:2] == (self._rows, 1), hidden.shape
        assert logits.shape[:3] == (self._rows, 1, 1), logits.shape
        text = dice.draw(guided(logits[:, 0, 0].float(), allowed), 0)
        token, audio = text, []
        for k in range(CODEBOOKS):
            token = dice.draw(self._scores(k, token, hidden).float(), k + 1)
            audio.append(token)
        return text, torch.stack(audio, dim=1)

    def _scores(self, k: int, token: Tensor, hidden: Tensor) -> Tensor:
        """Logits [B, card] of codebook k, given the token before it, int64 [B]."""
        lm = self._lm
        before = lm.depformer_text_emb if k == 0 else lm.depformer_emb[k - 1]
        with no_compile() if hidden.device.type != "cuda" else nullcontext():
            x = lm.depformer_in[k](hidden) + looked_up(before, token[:, None])
            for layer, kv in zip(self._layers, self._kv, strict=True):
                update = self._attend(layer.self_attn, k, layer.norm1(x), kv)
                x = x.to(update) + layer.layer_scale_1(update)
                update = layer.gating[k](layer.norm2(x))
                x = x.to(update) + layer.layer_scale_2(update)
            scores: Tensor = lm.linears[k](lm.depformer_norms[k](x))
        return scores[:, 0]

    def _attend(self, attention: Any, k: int, x: Tensor, kv: Tensor) -> Tensor:
        """One position of one layer. kv: [2, B, H, 8, D]."""
        projected = attention.in_projs[k](x).view(self._rows, 3, attention.num_heads, -1)
        kv[:, :, :, k] = projected[:, 1:].transpose(0, 1)
        read = functional.scaled_dot_product_attention(
            projected[:, 0, :, None], kv[0, :, :, : k + 1], kv[1, :, :, : k + 1]
        )
        out: Tensor = attention.out_projs[k](read.reshape(self._rows, 1, -1))
        return out
