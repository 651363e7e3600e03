"""Where the torch face means to differ from PyTorch, and why."""

from __future__ import annotations

import re

from oracle.samples import Sample

# What a row's spelling has no word for, because PyTorch's function has none.
NO_WORD = {"cumsum": {"exclusive", "reverse"}, "cumprod": {"exclusive", "reverse"}, "bincount": {"maxlength"},
           "one_hot": {"on", "off", "axis"}, "prod": {"several axes"}}  # fmt: skip
# What the function settles by itself.
SETTLED = {"one_hot": {"dtype", "strict"}}

# Functions whose arguments differ.
SIGNATURES: dict[str, str] = {}

# Patterns of the row, of the sample's text and of what differs, and the reason.
KNOWN: list[tuple[str, str, str, str]] = [
    ("bernoulli", "", "1 gradients there, 0 here", "A draw has no history here; PyTorch records a step whose gradient is zero"),
    ("acosh|digamma", "special", "^gradient", "The sign, and the size, of an infinite gradient at a pole"),
    ("norm", "p=0", "1 gradients there, 0 here", "Counting has no history here; PyTorch records a step whose gradient is zero"),
    ("eq|ne|lt|le|gt|ge", "", "2 gradients there, 0 here .by in place",
     "A comparison has no history here, in place either; PyTorch records a step whose gradient is zero"),
    (".*", "", r"grad_fn\[1\] \['(\w+Backward)\d'\] there, grad_fn\[1\] \['\1\d'\] here",
     "The number at the end of a step's name, where in-place forms and lists of axes are overloads in PyTorch"),
    ("reshape|flatten|matmul|slice", "", "grad_fn.*(UnsafeView|Squeeze|Alias)Backward", "What is a copy, a product or a whole slice is named after itself"),
    ("bincount|floor_divide", "", "grad_fn.*NotImplemented", "A step without a derivative has its function's name here too"),
    ("unique", "", "requires_grad|grad_fn", "What has no derivative has no history here"),
    ("sort|argsort|topk", "below|special|u8", "^value [01]: int64|^gradient",
     "PyTorch leaves open which of equal elements comes first; here the first does"),
    ("repeat_interleave", "", r"got \(\)", "A function of counts alone is a method here too"),
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
