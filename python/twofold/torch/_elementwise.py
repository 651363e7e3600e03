"""Elementwise functions that do more than their row: bounds left out, rounding modes, the truth of any dtype."""

from __future__ import annotations

from typing import Any

from twofold.torch._creation import finfo
from twofold.torch._tensor import Tensor, row

_clamp, _clamp_min, _clamp_max = row("clamp"), row("clamp_min"), row("clamp_max")
_div, _floor_divide, _trunc_divide = row("div"), row("floor_divide"), row("trunc_divide")
_round, _ne = row("round"), row("ne")
_nan_to_num = row("nan_to_num")
_and, _or, _xor, _not = row("logical_and"), row("logical_or"), row("logical_xor"), row("logical_not")

# Other names of rows.
ALIASES = {"absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
           "arctan2": "atan2", "arctanh": "atanh", "fix": "trunc", "greater": "gt", "greater_equal": "ge", "less": "lt",
           "less_equal": "le", "multiply": "mul", "negative": "neg", "not_equal": "ne"}  # fmt: skip
# The rows whose functions stand here.
ROWS = {"clamp", "div", "round", "nan_to_num", "logical_and", "logical_or", "logical_xor", "logical_not"}


def widened(input: Tensor) -> Tensor:
    """Halves as float32: what is written with several rows rounds once, at its end."""
    return input.float() if input.is_floating_point() and input.itemsize == 2 else input


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`input` within [min, max]; either bound may be left out."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if min is None or max is None:
        return _clamp_min(input, min) if max is None else _clamp_max(input, max)
    return _clamp(input, min, max)


def div(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """`input` / `other`; rounding_mode 'floor' or 'trunc' rounds the quotient and keeps integers."""
    if rounding_mode is None:
        return _div(input, other)
    if rounding_mode == "floor":
        return _floor_divide(input, other)
    if rounding_mode == "trunc":
        return _trunc_divide(input, other)
    raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """To the nearest whole number (the even one of two), or the nearest multiple of 10**-decimals."""
    if decimals == 0:
        return _round(input)
    scale, wide = 10.0 ** abs(decimals), widened(input)
    rounded = _round(wide * scale) / scale if decimals > 0 else _round(wide / scale) * scale
    return rounded.to(input.dtype)


def nan_to_num(input: Tensor, nan: float | None = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """NaN becomes `nan`, the infinities `posinf` and `neginf` or else the largest and least finite number."""
    if not input.is_floating_point():
        return input.clone()
    limits = finfo(input.dtype)
    return _nan_to_num(input, nan or 0.0, limits.max if posinf is None else posinf, limits.min if neginf is None else neginf)


def truth(input: Tensor) -> Tensor:
    """Is it other than 0? NaN is."""
    return input if input._dtype == 0 else _ne(input, 0)


def _truths(function: str, *operands: Tensor) -> list[Tensor]:
    for k, (name, operand) in enumerate(zip(("input", "other"), operands)):
        if not isinstance(operand, Tensor):
            kind = type(operand).__name__
            raise TypeError(f"{function}(): argument '{name}' (position {k + 1}) must be Tensor, not {kind}")
    return [truth(t) for t in operands]


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    return _and(*_truths("logical_and", input, other))


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    return _or(*_truths("logical_or", input, other))


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    return _xor(*_truths("logical_xor", input, other))


def logical_not(input: Tensor) -> Tensor:
    return _not(*_truths("logical_not", input))


FUNCTIONS = [clamp, div, round, nan_to_num, logical_and, logical_or, logical_xor, logical_not]
