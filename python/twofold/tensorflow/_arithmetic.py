"""Quotients beside those of _math.py."""

from __future__ import annotations

from typing import Any

from twofold.tensorflow._math import binary
from twofold.tensorflow._op import Steps, operation, scope_of
from twofold.tensorflow._tensor import Tensor, convert


def realdiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y of one dtype."""
    return binary("div", "RealDiv", x, y, name, "RealDiv")


def div_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, 0 where y is 0."""

    def compute(step: Steps) -> Tensor:
        zero = step("eq", b, step.number(0, b))
        # A divisor that is never 0 keeps NaN out of the gradient too.
        quotient = step("div", a, step("where", zero, step.number(1, b), b))
        return step("where", zero, step.number(0, b), quotient)

    with scope_of(name, "div_no_nan", [x, y]) as scope:
        a = convert(x, name="x")
        b = convert(y, a.dtype, name="y")
        return operation("DivNoNan", scope, [a, b], compute).outputs[0]
