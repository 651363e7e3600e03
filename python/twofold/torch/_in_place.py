"""In-place methods: exp_(), clamp_(), floor_divide_() and their kin, and the operators //=, %=, &=, |=, ^=, **=."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twofold import _core
from twofold.torch._elementwise import ALIASES, div
from twofold.torch._grad_mode import is_grad_enabled
from twofold.torch._tensor import Tensor

NAMES = [
    "abs", "acos", "acosh", "addcdiv", "addcmul", "addmm", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and",
    "bitwise_not", "bitwise_or", "bitwise_xor", "ceil", "clamp", "clamp_max", "clamp_min", "cos", "cosh", "cumprod", "cumsum",
    "digamma", "eq", "erf", "erfc", "exp", "exp2", "expm1", "floor", "floor_divide", "fmod", "ge", "gt", "index_add", "index_copy",
    "index_fill", "le", "lerp", "lgamma", "log", "log10", "log1p", "log2", "logical_and", "logical_not", "logical_or",
    "logical_xor", "lt", "masked_fill", "nan_to_num", "ne", "neg", "pow", "reciprocal", "relu", "remainder", "round", "rsqrt",
    "scatter", "scatter_add", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "tril", "triu",
    "trunc", "xlogy",
]  # fmt: skip
_OPERATORS = {"floordiv": "floor_divide_", "mod": "remainder_", "and": "bitwise_and_", "or": "bitwise_or_",
              "xor": "bitwise_xor_", "pow": "pow_"}  # fmt: skip
_div_ = _core.Tensor.div_


def _kind(t: Tensor) -> int:
    """0 for bool, 1 for integers, 2 for floats: what is written may not be of a higher kind."""
    return (t._dtype > 0) + (t._dtype >= 6)


def check_kind(target: Tensor, made: Tensor) -> None:
    if _kind(made) > _kind(target):
        raise RuntimeError(
            f"result type {made.dtype._legacy} can't be cast to the desired output type {target.dtype._legacy}"
        )


def _check_fits(target: Tensor, made: Tensor) -> None:
    check_kind(target, made)
    known = None not in (target._shape, made._shape) and None not in (*target._shape, *made._shape)
    if known and target._shape != made._shape:
        raise RuntimeError(
            f"output with shape {list(target._shape)} doesn't match the broadcast shape {list(made._shape)}"
        )


def edited(target: Tensor, function: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
    """`target`, with what the function makes of it written into it."""
    # A derivative may read what is about to be replaced.
    tracked = is_grad_enabled() and (target.requires_grad or target._symbolic)
    made = function(target.clone() if tracked else target, *args, **kwargs)
    _check_fits(target, made)
    return target._assign(made)


def _in_place(name: str, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return edited(self, function, *args, **kwargs)

    method.__name__, method.__doc__ = name, f"{name[:-1]}() in place."
    return method


def div_(self: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """div() in place."""
    return _div_(self, other) if rounding_mode is None else edited(self, div, other, rounding_mode=rounding_mode)


def add_in_place_methods() -> None:
    for name in NAMES:
        setattr(Tensor, f"{name}_", _in_place(f"{name}_", getattr(Tensor, name)))
    Tensor.clip_ = Tensor.clamp_
    Tensor.div_ = Tensor.divide_ = Tensor.true_divide_ = div_
    Tensor.subtract_ = Tensor.sub_
    for name, same in ALIASES.items():
        setattr(Tensor, f"{name}_", getattr(Tensor, f"{same}_"))
    for operator, method in _OPERATORS.items():
        setattr(Tensor, f"__i{operator}__", getattr(Tensor, method))
