"""torch.nn.functional."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from twofold.torch import _functions as _f
from twofold.torch._in_place import edited
from twofold.torch import _layout
from twofold.torch._tensor import Tensor, row

_rows = {name.rpartition(".")[2]: f for name, f in _f.ROWS.items() if name.startswith("nn.functional.")}
globals().update(_rows)
_cross_entropy = row("cross_entropy", "cross_entropy(input, target)")
_dropout = row("dropout", "dropout(input, p, train)")
_softmax, _log_softmax = row("softmax", "softmax(input, dim)"), row("log_softmax", "log_softmax(input, dim)")
_log, _maximum, _pad = row("log"), row("maximum"), row("pad")
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


def _reduced(values: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return values
    if reduction not in ("mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return values.mean() if reduction == "mean" else values.sum()


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    out = input @ weight.transpose(-2, -1)
    return out if bias is None else out + bias


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    return _dropout(input, p, training)


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    axis = (0 if input.dim() in (0, 1, 3) else 1) if dim is None else dim
    return _softmax(input if dtype is None else input.to(dtype), axis)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    axis = (0 if input.dim() in (0, 1, 3) else 1) if dim is None else dim
    return _log_softmax(input if dtype is None else input.to(dtype), axis)


def _check_targets(target: Tensor, classes: int) -> None:
    if target._symbolic or target.numel() == 0:
        return
    values = target.detach().numpy()
    for bad in (int(values.min()), int(values.max())):
        if not 0 <= bad < classes:
            raise IndexError(f"Target {bad} is out of bounds.")


def cross_entropy(input: Tensor, target: Tensor, weight: None = None, reduction: str = "mean", **_: Any) -> Tensor:
    """-log softmax(input)[target]: `target` holds class numbers, or probabilities of input's shape."""
    if target.is_floating_point():
        each = -(log_softmax(input, 1 if input.dim() > 1 else 0) * target).sum(1 if input.dim() > 1 else 0)
        return _reduced(each, reduction)
    _check_targets(target, input.size(1 if input.dim() > 1 else 0))
    return nll_loss(log_softmax(input, 1 if input.dim() > 1 else 0), target, reduction=reduction)


def nll_loss(input: Tensor, target: Tensor, weight: None = None, reduction: str = "mean", **_: Any) -> Tensor:
    _check_targets(target, input.size(1 if input.dim() > 1 else 0))
    if input.dim() == 1:
        return -input[target.item()]
    each = -_f.gather(input, 1, target.unsqueeze(1)).squeeze(1)
    return _reduced(each, reduction)


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean", **_: Any) -> Tensor:
    return _reduced((input - target).square(), reduction)


def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", **_: Any) -> Tensor:
    return _reduced((input - target).abs(), reduction)


def binary_cross_entropy(input: Tensor, target: Tensor, reduction: str = "mean", **_: Any) -> Tensor:
    log_p, log_q = _maximum(_log(input), -100.0), _maximum(_log(1 - input), -100.0)
    return _reduced(-(target * log_p + (1 - target) * log_q), reduction)


def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, reduction: str = "mean", **_: Any) -> Tensor:
    each = _maximum(input, 0.0) - input * target + (-input.abs()).exp().log1p()
    return _reduced(each, reduction)


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
