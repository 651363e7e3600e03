"""tf.math.polyval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._op import scope_of
from twofold.tensorflow._tensor import Tensor, convert


def polyval(coeffs: Sequence[Any], x: Any, name: str | None = None) -> Tensor:
    """coeffs[0] * x**n + ... + coeffs[n], by Horner's rule."""
    with scope_of(name, "polyval", [*coeffs, x]):
        point = convert(x, name="x")
        if not coeffs:
            return convert(0, point.dtype)
        factors = [convert(c, None if isinstance(c, Tensor) else point.dtype, name=f"coeff_{k}") for k, c in enumerate(coeffs)]
        total = factors[0]
        for c in factors[1:]:
            total = c + total * point
        return total
