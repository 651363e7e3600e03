"""torch.nn.functional."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from twofold import _core
from twofold.torch import _functions as _f
from twofold.torch._creation import empty, zeros_like
from twofold.torch._dtypes import float32
from twofold.torch._in_place import edited
from twofold.torch._tensor import Tensor, row
from twofold.torch.nn._losses_of import (
    binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, huber_loss, kl_div, l1_loss, mse_loss, nll_loss,
    smooth_l1_loss,
)  # fmt: skip

_rows = {name.rpartition(".")[2]: f for name, f in _f.ROWS.items() if name.startswith("nn.functional.")}
globals().update(_rows)
_dropout = row("dropout", "dropout(input, p, train)")
_softmax, _log_softmax = row("softmax", "softmax(input, dim)"), row("log_softmax", "log_softmax(input, dim)")
_maximum = row("maximum")
tanh, sigmoid = row("tanh", "tanh(input)"), row("sigmoid", "sigmoid(input)")


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    turned = weight.t()
    if bias is None:
        return input @ turned
    out = input @ turned + bias
    if not out._symbolic and input.dim() == 2:
        _core.show_as(out, "AddmmBackward0", [bias, input, turned])
    return out


def _scaled_mask(input: Tensor, keep: float) -> Tensor:
    """1 / keep where an element stays, 0 elsewhere; worked out in float32 where the result is a half."""
    wide = float32 if input.itemsize == 2 else input.dtype
    return empty(input._shape, dtype=wide).bernoulli_(keep).div_(keep).to(input.dtype)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, zeroes each element with probability p and divides the others by 1 - p; PyTorch's draws."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if input._symbolic:
        return _dropout(input, p, training)
    if not training or p == 0:
        return input
    kept = zeros_like(input) if p == 1 else _scaled_mask(input, 1 - p)
    return input.mul_(kept) if inplace else input * kept


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    axis = (0 if input.dim() in (0, 1, 3) else 1) if dim is None else dim
    return _softmax(input if dtype is None else input.to(dtype), axis)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    axis = (0 if input.dim() in (0, 1, 3) else 1) if dim is None else dim
    return _log_softmax(input if dtype is None else input.to(dtype), axis)


def _activation(inplace: bool, function: Callable[..., Tensor], input: Tensor, *args: Any) -> Tensor:
    return edited(input, function, *args) if inplace else function(input, *args)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    return _activation(inplace, _rows["leaky_relu"], input, negative_slope)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    return _activation(inplace, _rows["relu6"], input)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    return _activation(inplace, _rows["elu"], input, alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    return _activation(inplace, _rows["selu"], input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    return _activation(inplace, _rows["silu"], input)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    if input.is_floating_point() or input._dtype == 0:
        return _activation(inplace, _rows["hardtanh"], input, min_val, max_val)
    if not input.dtype.is_signed and min_val < 0:
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    return _activation(inplace, _f.elementwise.clamp, input, int(min_val), int(max_val))


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x times the normal distribution's share below x; approximate='tanh' is the formula of the first networks."""
    if approximate == "none":
        return _rows["gelu"](input)
    if approximate != "tanh":
        raise RuntimeError("approximate argument must be either none or tanh.")
    x = _f.elementwise.widened(input)
    inner = 0.7978845608028654 * (x + 0.044715 * (x * x * x))
    return (0.5 * x * (1.0 + inner.tanh())).to(input.dtype)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return input.relu_() if inplace else _rows["relu"](input)


def __getattr__(name: str) -> NoReturn:
    import difflib

    close = difflib.get_close_matches(name, list(globals()), n=1)
    hint = f"; the nearest thing that exists is torch.nn.functional.{close[0]}" if close else ""
    raise AttributeError(f"module 'torch.nn.functional' has no attribute '{name}' in Twofold{hint}")
