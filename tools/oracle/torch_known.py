"""Where the torch face means to differ from PyTorch, and why."""

from __future__ import annotations

import re

from oracle.samples import Sample

# Patterns of the row, of the sample's text and of what differs, and the reason.
KNOWN: list[tuple[str, str, str, str]] = [
    ("bernoulli", "", "1 gradients there, 0 here", "A draw has no history here; PyTorch records a step whose gradient is zero"),
    ("floor_divide", "", "derivative for aten::floor_divide is not implemented", "Steps have a derivative here: zero"),
    ("clamp.*|elu|selu|gelu|fmod|remainder|logsigmoid|softplus", "special", "^gradient",
     "Gradients where an operand is NaN or infinite, or where they overflow"),
    ("gelu", "special", "^value 0: float32 nan there", "gelu of infinity is infinity here, NaN in PyTorch"),
    ("softplus", "threshold=1000", "(inf|nan)", "softplus does not overflow here, whatever the threshold"),
    ("cond|while_loop", "", "None there", "A captured tensor that no step has read has a gradient of zeros, not none"),
]  # fmt: skip


def reason_for(sample: Sample, difference: str) -> str | None:
    for row, text, what, why in KNOWN:
        if re.fullmatch(row, sample.row) and re.search(text, sample.text) and re.search(what, difference):
            return why
    return None
