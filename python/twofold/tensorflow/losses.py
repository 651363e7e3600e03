"""tf.losses: weighted losses, and the collection that holds them."""

from __future__ import annotations

from typing import Any

from twofold import _missing
from twofold.tensorflow import _dtypes, nn
from twofold.tensorflow._arithmetic import div_no_nan
from twofold.tensorflow._array import rank, shape, size, squeeze, where
from twofold.tensorflow._control import add_to_collection, get_collection
from twofold.tensorflow._fill import ones_like, zeros_like
from twofold.tensorflow._fill import range as range_
from twofold.tensorflow._graph import GraphKeys, get_default_graph
from twofold.tensorflow._math import add_n, cast
from twofold.tensorflow._op import ROWS, scope_of
from twofold.tensorflow._tensor import Tensor, constant, convert
from twofold.tensorflow._weights import assert_broadcastable, num_present


class Reduction:
    """What compute_weighted_loss() makes of the weighted losses."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = SUM_OVER_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS, cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key: str) -> None:
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}.")


# --- the collection -----------------------------------------------------------------------------------------------
def add_loss(loss: Tensor, loss_collection: str | None = GraphKeys.LOSSES) -> None:
    """Puts a loss into the collection; nowhere if that is None."""
    if loss_collection:
        add_to_collection(loss_collection, loss)


def get_losses(scope: str | None = None, loss_collection: str = GraphKeys.LOSSES) -> list[Tensor]:
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Tensor]:
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Tensor:
    """The sum of the regularisation losses, 0 if there are none."""
    found = get_regularization_losses(scope)
    return add_n(found, name=name) if found else constant(0.0)


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None) -> Tensor:
    """The sum of all losses in the collection, and of the regularisation losses."""
    found = get_losses(scope)
    return add_n(found + get_regularization_losses(scope) if add_regularization_losses else found, name=name)


# --- weighing -----------------------------------------------------------------------------------------------------
def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: str | None = GraphKeys.LOSSES,
                          reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """The losses times the weights, reduced; 0 where all weights are."""
    Reduction.validate(reduction)
    with scope_of(scope, "weighted_loss", [losses, weights]):
        with get_default_graph().control_dependencies([assert_broadcastable(weights, losses)]):
            source = convert(losses)
            wide = cast(source, _dtypes.float32)
            factors = cast(weights, _dtypes.float32)
            loss = cast(_reduced(wide, factors, reduction), source.dtype)
            add_loss(loss, loss_collection)
            return loss


def _reduced(losses: Tensor, weights: Tensor, reduction: str) -> Tensor:
    weighted = ROWS["multiply"](losses, weights)
    if reduction == Reduction.NONE:
        return weighted
    total = ROWS["reduce_sum"](weighted)
    if reduction == Reduction.SUM:
        return total
    if reduction == Reduction.MEAN:
        return _safe_mean(total, ROWS["reduce_sum"](ones_like(losses) * weights))
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        return _safe_mean(total, _num_elements(losses))
    return _safe_mean(total, num_present(losses, weights))


def _safe_mean(losses: Tensor, count: Tensor) -> Tensor:
    return div_no_nan(ROWS["reduce_sum"](losses), count, name="value")


def _num_elements(losses: Tensor) -> Tensor:
    with scope_of(None, "num_elements", [losses]) as scope:
        return cast(size(losses, name=scope), losses.dtype)


def _given(**tensors: Any) -> None:
    for name, value in tensors.items():
        if value is None:
            raise ValueError(f"{name} must not be None.")


def _pair(labels: Any, predictions: Any) -> tuple[Tensor, Tensor]:
    """Predictions and labels as float32 of one shape."""
    x, y = cast(predictions, _dtypes.float32), cast(labels, _dtypes.float32)
    _same_shape(x, y)
    return x, y


def _same_shape(x: Tensor, y: Tensor) -> None:
    if not x.shape.is_compatible_with(y.shape):
        raise ValueError(f"Shapes {x.shape} and {y.shape} are incompatible")


# --- regression ---------------------------------------------------------------------------------------------------
def mean_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                       loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """(predictions - labels)²."""
    _given(labels=labels, predictions=predictions)
    with scope_of(scope, "mean_squared_error", [predictions, labels, weights]) as inner:
        losses = ROWS["squared_difference"](*_pair(labels, predictions))
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


def absolute_difference(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                        loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """|predictions - labels|."""
    _given(labels=labels, predictions=predictions)
    with scope_of(scope, "absolute_difference", [predictions, labels, weights]) as inner:
        losses = ROWS["abs"](ROWS["subtract"](*_pair(labels, predictions)))
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


def huber_loss(labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0, scope: str | None = None,
               loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """Half the squared error where it is at most delta, a straight line beyond."""
    _given(labels=labels, predictions=predictions)
    with scope_of(scope, "huber_loss", [predictions, labels, weights]) as inner:
        error = ROWS["abs"](ROWS["subtract"](*_pair(labels, predictions)))
        near = ROWS["minimum"](error, delta)
        far = ROWS["subtract"](error, near)
        half = convert(0.5, near.dtype)
        losses = ROWS["add"](ROWS["multiply"](half, ROWS["multiply"](near, near)), ROWS["multiply"](delta, far))
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


def log_loss(labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-7, scope: str | None = None,
             loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """-labels * log(predictions) - (1 - labels) * log(1 - predictions), epsilon added to what is logged."""
    _given(labels=labels, predictions=predictions)
    with scope_of(scope, "log_loss", [predictions, labels, weights]) as inner:
        x, y = _pair(labels, predictions)
        positive = -ROWS["multiply"](y, ROWS["log"](x + epsilon))
        rest = 1 - y
        losses = positive - ROWS["multiply"](rest, ROWS["log"](1 - x + epsilon))
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


def mean_pairwise_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                                loss_collection: str | None = GraphKeys.LOSSES) -> Tensor:  # fmt: skip
    """The mean over all pairs of an example's elements of (difference of the pair in predictions - in labels)², summed over
    the examples."""
    _given(labels=labels, predictions=predictions)
    with scope_of(scope, "mean_pairwise_squared_error", [predictions, labels, weights]):
        factors = cast(weights, _dtypes.float32)
        y = cast(labels, _dtypes.float32)
        with get_default_graph().control_dependencies([assert_broadcastable(factors, y)]):
            x = cast(predictions, _dtypes.float32)
            _same_shape(x, y)
            difference = ROWS["subtract"](x, y)
            within = range_(1, rank(difference))
            squares = ROWS["reduce_sum"](ROWS["square"](difference), within, True)
            count = num_present(difference, factors, per_batch=True)
            first = 2.0 * div_no_nan(squares, ROWS["maximum"](count - 1, 0), name="value")
            total = ROWS["square"](ROWS["reduce_sum"](difference, within, True))
            pairs = ROWS["maximum"](ROWS["multiply"](count, count - 1), 0)
            second = 2.0 * div_no_nan(total, pairs, name="value")
            loss = ROWS["reduce_sum"](ROWS["multiply"](first - second, factors))
            present = ROWS["reduce_sum"](count)
            mean = where(present > 0, loss, zeros_like(loss), name="value")
            add_loss(mean, loss_collection)
            return mean


def cosine_distance(labels: Any, predictions: Any, axis: int | None = None, weights: Any = 1.0, scope: str | None = None,
                    loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
                    dim: int | None = None) -> Tensor:  # fmt: skip
    """1 - the sum over `axis` of labels * predictions, both already of length 1."""
    at = dim if axis is None else axis
    if at is None:
        raise ValueError("You must specify 'axis'.")
    _given(labels=labels, predictions=predictions)
    with scope_of(scope, "cosine_distance_loss", [predictions, labels, weights]) as inner:
        losses = 1 - ROWS["reduce_sum"](ROWS["multiply"](*_pair(labels, predictions)), (at,), True)
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


# --- classification -----------------------------------------------------------------------------------------------
def hinge_loss(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None,
               loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """max(0, 1 - logits) where the label is 1, max(0, 1 + logits) where it is 0."""
    _given(labels=labels, logits=logits)
    with scope_of(scope, "hinge_loss", [logits, labels, weights]) as inner:
        x, y = _pair(labels, logits)
        one = ones_like(y)
        signs = ROWS["subtract"](2 * y, one)
        losses = ROWS["nn.relu"](ROWS["subtract"](one, ROWS["multiply"](signs, x)))
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


def sigmoid_cross_entropy(multi_class_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: str | None = None,
                          loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """The sigmoid cross entropy; smoothing moves labels towards 1/2."""
    _given(multi_class_labels=multi_class_labels, logits=logits)
    with scope_of(scope, "sigmoid_cross_entropy_loss", [logits, multi_class_labels, weights]) as inner:
        x = convert(logits)
        y = cast(multi_class_labels, x.dtype)
        _same_shape(x, y)
        if label_smoothing > 0:
            y = y * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = nn.sigmoid_cross_entropy_with_logits(labels=y, logits=x, name="xentropy")
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


def softmax_cross_entropy(onehot_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: str | None = None,
                          loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """The cross entropy with rows of labels that sum to 1; smoothing moves them towards 1 / classes."""
    _given(onehot_labels=onehot_labels, logits=logits)
    with scope_of(scope, "softmax_cross_entropy_loss", [logits, onehot_labels, weights]) as inner:
        x = convert(logits)
        y = cast(onehot_labels, x.dtype)
        _same_shape(x, y)
        if label_smoothing > 0:
            classes = cast(shape(y)[1], x.dtype)
            away = label_smoothing / classes
            y = y * (1.0 - label_smoothing) + away
        still = ROWS["stop_gradient"](y, name="labels_stop_gradient")
        losses = nn.softmax_cross_entropy_with_logits_v2(labels=still, logits=x, name="xentropy")
        return compute_weighted_loss(losses, weights, inner, loss_collection, reduction)


def sparse_softmax_cross_entropy(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None,
                                 loss_collection: str | None = GraphKeys.LOSSES, reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS) -> Tensor:  # fmt: skip
    """The cross entropy with one class for each example; labels and weights may have one dimension more, of size 1."""
    _given(labels=labels, logits=logits)
    with scope_of(scope, "sparse_softmax_cross_entropy_loss", [logits, labels, weights]) as inner:
        with scope_of(None, "remove_squeezable_dimensions", [labels, logits]):
            y, x = convert(labels), convert(logits)
            if _one_more(y, x, 0):
                y = squeeze(y, [-1])
        factors = convert(weights)
        if _one_more(factors, y, 1):
            factors = squeeze(factors, [-1])
        losses = nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x, name="xentropy")
        return compute_weighted_loss(losses, factors, inner, loss_collection, reduction)


def _one_more(t: Tensor, other: Tensor, difference: int) -> bool:
    """Has t a dimension too many, of size 1?"""
    if t._shape is None or other._shape is None or not t._shape:
        return False
    return len(t._shape) - len(other._shape) == difference and t._shape[-1] in (1, None)


_missing.explain(__name__)
