"""Where the TensorFlow face means to differ from TensorFlow 2's compat.v1, and why: the contract is TensorFlow 1.15."""

from __future__ import annotations

import re

# Patterns of where (a row and its sample's text, an expression, a stream) and of what differs, and the reason.
KNOWN: list[tuple[str, str, str]] = [
    ("nn.dropout.*", "float16", "1.15 divides by the rate in the tensor's dtype, TensorFlow 2 in Python"),
]


def reason_for(where: str, difference: str) -> str | None:
    return next((why for place, what, why in KNOWN if re.fullmatch(place, where) and re.search(what, difference)), None)
