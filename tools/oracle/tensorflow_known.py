"""Where the TensorFlow face means to differ from TensorFlow 2's compat.v1, and why: the contract is TensorFlow 1.15."""

from __future__ import annotations

import re

# Patterns of where (a row and its sample's text, an expression, a stream) and of what differs, and the reason.
KNOWN: list[tuple[str, str, str]] = [
    # What TensorFlow 2 does otherwise than 1.15.
    ("(nn[.])?dropout.*", "float16|SelectV2", "1.15 divides by the rate in the tensor's dtype and multiplies by a mask; TensorFlow 2 selects"),
    ("bincount.*", "DenseBincount|DataType (uint8|float16)|there, LookupError", "1.15 has Bincount, without a gradient; TensorFlow 2 DenseBincount"),
    # What we do otherwise.
    (".*", "TypeError .Value passed to parameter .* has DataType .* not in list of allowed values.*there", "More dtypes are taken"),
    (".*", "InvalidArgumentError .* there, (ValueError|IndexError)", "Refused while building, where all is known; TensorFlow waits for the run"),
    (".*", "there, (ValueError|InvalidArgumentError) .*unknown rank, expected a known rank", "Along axes, operands have a known rank"),
    (".*:special.*", "^gradient", "Gradients where an operand is NaN or infinite, or where they overflow"),
    ("cumprod.*", "^gradient", "Right where a factor is zero; TensorFlow divides by the factor"),
    ("cum(sum|prod): f..\\[\\].*", "", "A number is taken as one along its axis"),
    ("(argmax|argmin|expand_to|flip).*", "InvalidArgumentError .* there, static.* here", "A number is taken as one along its axis, -1 as a size that stays"),
]  # fmt: skip


def reason_for(where: str, difference: str) -> str | None:
    return next((why for place, what, why in KNOWN if re.fullmatch(place, where) and re.search(what, difference)), None)
