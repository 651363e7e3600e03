"""torch.nn.functional."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twofold import _core, _missing
from twofold.torch import _functions as _f
from twofold.torch._creation import empty, zeros_like
from twofold.torch._dtypes import float32
from twofold.torch._in_place import edited
from twofold.torch._out import with_out
from twofold.torch import _layout
from twofold.torch._tensor import Tensor, row
from twofold.torch.nn._losses_of import (
    binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, huber_loss, kl_div, l1_loss, mse_loss, nll_loss,
    smooth_l1_loss,
)  # fmt: skip

_rows = {name.rpartition(".")[2]: f for name, f in _f.ROWS.items() if name.startswith("nn.functional.")}
globals().update(_rows)
_dropout = row("dropout", "dropout(input, p, train)")
_softmax, _log_softmax = row("softmax", "softmax(input, dim)"), row("log_softmax", "log_softmax(input, dim)")
_maximum, _pad = row("maximum"), row("pad")
one_hot = _layout.one_hot
tanh, sigmoid = row("tanh", "tanh(input)"), row("sigmoid", "sigmoid(input)")


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """`pad` holds (before, after) for the last axis, then for the one before it, and so on."""
    axes = len(pad) // 2
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if axes > input.dim():
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(pad)} and input of dimension {input.dim()}"
        )
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if mode != "constant" and not (1 <= axes <= 3 and input.dim() - axes in (1, 2)):
        raise NotImplementedError("Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now")
    if mode != "constant" and value:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    whole = [0] * (input.dim() - axes)
    return _pad(input, whole + list(pad[-2::-2]), whole + list(pad[::-2]), mode, value or 0)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    turned = weight.t()
    if bias is None:
        return input @ turned
    out = input @ turned + bias
    if not out._symbolic and input.dim() == 2:
        _core.show_as(out, "AddmmBackward0", [bias, input, turned])
    return out


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """out_k = input1 @ weight_k @ input2 for each row, plus bias_k."""
    out = ((input1.unsqueeze(-2) @ weight.permute(1, 0, 2).reshape(weight.size(1), -1)).view(*input1.shape[:-1], *weight.shape[::2])
           * input2.unsqueeze(-2)).sum(-1)  # fmt: skip
    return out if bias is None else out + bias


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


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    return softmax(-input, dim, _stacklevel, dtype)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """input where it is above the threshold, else `value`."""
    return _activation(inplace, lambda x: x.where(x > threshold, _f.full_like(x, value)), input)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """input where positive, else weight * input; several weights belong to the channels, dimension 1."""
    slope = weight.view([-1 if d == 1 else 1 for d in range(input.dim())]) if weight.numel() > 1 and input.dim() > 1 else weight
    return input.where(input > 0, slope * input)


def tanhshrink(input: Tensor) -> Tensor:
    return input - input.tanh()


@with_out
def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """input over its p-norm along `dim`, or over eps where that is larger."""
    return input / _f.norm(input, p, dim, True).clamp(min=eps).expand_as(input)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    a, b = (x / _f.norm(x, 2, dim, True).clamp(min=eps) for x in (x1, x2))
    return (a * b).sum(dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    return _f.norm(x1 - x2 + eps, p, -1, keepdim)


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


_missing.explain(__name__)
