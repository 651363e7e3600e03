"""The losses of torch.nn.functional."""

from __future__ import annotations

import warnings
from typing import Any

from twofold.torch._grad_fn import step
from twofold.torch._indexing import gather
from twofold.torch._tensor import Tensor, row

_log, _maximum, _log_softmax = row("log"), row("maximum"), row("log_softmax", "log_softmax(input, dim)")


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """The word for it; before 0.4.1 two flags said the same."""
    if size_average is not None or reduce is not None:
        return "none" if reduce is False else "sum" if size_average is False else "mean"
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _reduced(values: Tensor, reduction: str) -> Tensor:
    return values if reduction == "none" else values.mean() if reduction == "mean" else values.sum()


def _warn_of_sizes(input: Tensor, target: Tensor) -> None:
    if input._shape != target._shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will likely "
            "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


# --- of classes ---------------------------------------------------------------------------------------------------
def _check_classes(input: Tensor, target: Tensor) -> None:
    if target.dtype.is_floating_point or target._dtype not in (1, 5):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype._legacy}")
    if input.dim() > 1 and target.dim() and input.size(0) != target.size(0):
        raise ValueError(f"Expected input batch_size ({input.size(0)}) to match target batch_size ({target.size(0)}).")
    if input.dim() <= 2 and target.dim() > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")


def _ignored(target: Tensor, classes: int, ignore_index: int) -> Tensor | None:
    """Which targets do not count, None where all do; IndexError for one that is no class."""
    if target._symbolic or target.numel() == 0:
        return None
    values = target.detach().numpy()
    outside = values[(values < 0) | (values >= classes)]
    for bad in outside[outside != ignore_index]:
        raise IndexError(f"Target {bad} is out of bounds.")
    return target == ignore_index if 0 <= ignore_index < classes or outside.size else None


def _weighted_mean(each: Tensor, weights: Tensor | None, reduction: str) -> Tensor:
    if weights is None:
        return _reduced(each, reduction)
    each = each * weights
    return each.sum() / weights.sum() if reduction == "mean" else _reduced(each, reduction)


def _weights(target: Tensor, ignored: Tensor | None, weight: Tensor | None, like: Tensor) -> Tensor | None:
    if weight is None:
        return None if ignored is None else (~ignored).to(like.dtype)
    chosen = weight[target]
    return chosen if ignored is None else chosen * (~ignored).to(like.dtype)


@step("NllLossBackward0")
def nll_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
             ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """-input[target], the classes being dimension 1 (0 of a vector)."""
    reduction = reduction_of(reduction, size_average, reduce)
    if not target._symbolic:
        _check_classes(input, target)
    axis = 1 if input.dim() > 1 else 0
    index = target.reshape(()) if input.dim() == 1 else target
    if index._dtype == 1:
        index = index.long()
    ignored = _ignored(index, input.size(axis), ignore_index)
    if ignored is not None:
        index = index.masked_fill(ignored, 0)
    each = -gather(input, axis, index.unsqueeze(axis)).squeeze(axis)
    weights = _weights(index, ignored, weight, each)
    return _weighted_mean(each, weights, reduction).reshape(target.shape if reduction == "none" else ())


def cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
                  ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Tensor:  # fmt: skip
    """-log softmax(input)[target]: `target` holds class numbers, or probabilities of input's shape."""
    reduction = reduction_of(reduction, size_average, reduce)
    axis = 1 if input.dim() > 1 else 0
    probabilities = target.is_floating_point() and target.dim() == input.dim()
    if not probabilities and not target._symbolic:
        _check_classes(input, target)
    logs = _log_softmax(input, axis)
    if probabilities:
        return _of_probabilities(logs, target, weight, reduction, label_smoothing, axis)
    loss = nll_loss(logs, target, weight, ignore_index=ignore_index, reduction=reduction)
    if label_smoothing == 0:
        return loss
    return (1 - label_smoothing) * loss + _smooth_part(logs, target, weight, ignore_index, reduction, axis) * label_smoothing


def _spread(weight: Tensor, rank: int, axis: int) -> Tensor:
    return weight.view([-1 if d == axis else 1 for d in range(rank)])


def _smooth_part(logs: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, axis: int) -> Tensor:
    """The loss against the uniform distribution over the classes."""
    each = -(logs if weight is None else logs * _spread(weight, logs.dim(), axis)).sum(axis) / logs.size(axis)
    ignored = _ignored(target, logs.size(axis), ignore_index)
    index = target if ignored is None else target.masked_fill(ignored, 0)
    if ignored is not None:
        each = each.masked_fill(ignored, 0.0)
    weights = _weights(index, ignored, weight, each)
    if weights is None or reduction != "mean":
        return _reduced(each, reduction)
    return each.sum() / weights.sum()


def _of_probabilities(logs: Tensor, target: Tensor, weight: Tensor | None, reduction: str, smoothing: float, axis: int) -> Tensor:
    if smoothing:
        target = target * (1 - smoothing) + smoothing / logs.size(axis)
    terms = logs * target if weight is None else logs * target * _spread(weight, logs.dim(), axis)
    each = -terms.sum(axis)
    count = logs.numel() // max(logs.size(axis), 1)
    return each.sum() / count if reduction == "mean" else _reduced(each, reduction)


# --- of numbers ---------------------------------------------------------------------------------------------------
def _elementwise(each: Any, kernel: str) -> Any:
    def loss(input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
             reduction: str = "mean", weight: Tensor | None = None) -> Tensor:  # fmt: skip
        reduction = reduction_of(reduction, size_average, reduce)
        if not (input._symbolic or target._symbolic):
            _warn_of_sizes(input, target)
        if weight is None and input._dtype < 6 and target._dtype < 6:
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{input.dtype._legacy}'")
        values = each(input - target)
        return _weighted_mean(values, weight, reduction)

    return loss


mse_loss = step("MseLossBackward0")(_elementwise(lambda d: d.square(), "mse_cpu"))
l1_loss = _elementwise(lambda d: d.abs(), "abs_cpu")
mse_loss.__name__, l1_loss.__name__ = "mse_loss", "l1_loss"


@step("SmoothL1LossBackward0")
def smooth_l1_loss(input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
                   reduction: str = "mean", beta: float = 1.0) -> Tensor:  # fmt: skip
    """Quadratic within `beta` of the target, linear beyond, with slope 1."""
    if beta < 0:
        raise ValueError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return l1_loss(input, target, size_average, reduce, reduction)
    return huber_loss(input, target, reduction_of(reduction, size_average, reduce), beta) / beta


@step("HuberLossBackward0")
def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None) -> Tensor:
    """Quadratic within `delta` of the target, linear beyond, with slope `delta`."""
    if delta <= 0:
        raise ValueError("huber_loss does not support non-positive values for delta.")
    _warn_of_sizes(input, target)
    size = (input - target).abs()
    each = (0.5 * size.square()).where(size < delta, delta * (size - 0.5 * delta))
    return _reduced(each if weight is None else each * weight, reduction_of(reduction))


def kl_div(input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
           reduction: str = "mean", log_target: bool = False) -> Tensor:  # fmt: skip
    """target * (log target - input), `input` being log-probabilities; 0 where the target is 0."""
    if log_target:
        each = target.exp() * (target - input)
    else:
        safe = target.masked_fill(target <= 0, 1.0)
        each = target * safe.log() - target * input
    if reduction == "batchmean":
        return each.sum() / input.size(0)
    return _reduced(each, reduction_of(reduction, size_average, reduce))


@step("BinaryCrossEntropyBackward0")
def binary_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
                         reduce: bool | None = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """Of probabilities; logarithms are cut off at -100."""
    reduction = reduction_of(reduction, size_average, reduce)
    if not (input._symbolic or target._symbolic):
        if input._shape != target._shape:
            raise ValueError(
                f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
                "Please ensure they have the same size."
            )
        if input.numel() and not bool(((input >= 0) & (input <= 1)).all()):
            raise RuntimeError("all elements of input should be between 0 and 1")
    log_p, log_q = _maximum(_log(input), -100.0), _maximum(_log(1 - input), -100.0)
    each = (target - 1) * log_q - target * log_p
    return _reduced(each if weight is None else each * weight, reduction)


@step("BinaryCrossEntropyWithLogitsBackward0")
def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, weight: Tensor | None = None,
                                     size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
                                     pos_weight: Tensor | None = None) -> Tensor:  # fmt: skip
    reduction = reduction_of(reduction, size_average, reduce)
    if input._shape != target._shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    log_q = (-input.abs()).exp().log1p() + _maximum(-input, 0.0)
    factor = 1 if pos_weight is None else (pos_weight - 1) * target + 1
    each = (1 - target) * input + factor * log_q
    return _reduced(each if weight is None else each * weight, reduction)
