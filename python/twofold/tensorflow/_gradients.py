"""tf.gradients, and clipping by norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._array import rank, size, stack, where
from twofold.tensorflow._dtypes import float32
from twofold.tensorflow._fill import ones_like
from twofold.tensorflow._fill import range as range_
from twofold.tensorflow._gradient_nodes import name_gradients, name_starts
from twofold.tensorflow._math import cast
from twofold.tensorflow._node_attrs import colocate
from twofold.tensorflow._op import ROWS, is_tensor, scope_of
from twofold.tensorflow._tensor import Tensor, constant, convert, same_graph


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple)) else [values]


def gradients(ys: Any, xs: Any, grad_ys: Any = None, name: str = "gradients", colocate_gradients_with_ops: bool = False,
              gate_gradients: bool = False, aggregation_method: Any = None, stop_gradients: Any = None,
              unconnected_gradients: Any = None) -> list[Tensor | None]:  # fmt: skip
    """d(sum of ys)/dx for each x of xs; None where ys do not depend on it."""
    outputs = [convert(y) for y in _listed(ys)]
    sources = _listed(xs)
    inputs = [_read_of(x) for x in sources]
    graph = same_graph(outputs)
    graph.check_open()
    if grad_ys is not None and len(_listed(grad_ys)) != len(outputs):
        raise ValueError(f"Passed {len(_listed(grad_ys))} grad_ys for {len(outputs)} ys")
    with graph.name_scope(name or "gradients") as scope:
        given = None if grad_ys is None else [_given(k, y, g) for k, (y, g) in enumerate(zip(outputs, _listed(grad_ys)))]
        starts = name_starts([None] * len(outputs) if given is None else given)
        results = graph._core.gradients(outputs, inputs, given, scope)
        name_gradients(graph, outputs, [_node_of(x) for x in sources], starts, results, gate_gradients)
        return results


def _read_of(x: Any) -> Any:
    """A variable is differentiated by its memory: every read of it counts."""
    return x._cell if hasattr(x, "_cell") else convert(x)


def _given(k: int, y: Tensor, gradient: Any) -> Tensor:
    """The gradient of the k-th output that the caller gave; ones where he gave none."""
    if gradient is None:
        return ones_like(y)
    made = convert(gradient, None if is_tensor(gradient) else y.dtype, name=f"grad_ys_{k}")
    if made._dtype != y._dtype:
        raise TypeError(f"Gradient type {made.dtype.name} generated for tensor {y} of type {y.dtype.name}: they must be equal")
    return ROWS["identity"](made, name=f"grad_ys_{k}") if is_tensor(gradient) else made


def _node_of(x: Any) -> Tensor:
    return x._snapshot if hasattr(x, "_cell") else convert(x)


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """The square root of the sum of all squares."""
    from twofold.tensorflow.nn import l2_loss

    with scope_of(name, "global_norm", [t for t in t_list if t is not None]):
        halves = [l2_loss(t) for t in t_list if t is not None]
        for half in halves:
            colocate(half.op, half.op.inputs[0].op)
        total = ROWS["reduce_sum"](stack(halves))
        return ROWS["sqrt"](total * constant(2.0, halves[0].dtype), name="global_norm")


def clip_by_global_norm(t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None) -> tuple[list, Tensor]:
    """The tensors scaled down together so that their common norm is at most clip_norm, and that norm."""
    if isinstance(t_list, str) or not isinstance(t_list, (list, tuple)):
        raise TypeError("t_list should be a sequence")
    norm = global_norm(t_list, name) if use_norm is None else use_norm
    with scope_of(name, "clip_by_global_norm", [t for t in t_list if t is not None]) as scope:
        by_norm = 1.0 / norm
        smaller = ROWS["minimum"](by_norm, constant(1.0, norm.dtype) / clip_norm)
        scale = clip_norm * smaller
        finite = where(ROWS["is_finite"](norm), scale, constant(float("nan"), norm.dtype))
        clipped = []
        for k, t in enumerate(t_list):
            clipped.append(None if t is None else ROWS["identity"](convert(t) * finite, name=f"{scope[:-1].rpartition('/')[2]}/_{k}"))
    return clipped, norm


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """t scaled down so that its norm over `axes` (all by default) is at most clip_norm."""
    with scope_of(name, "clip_by_norm", [t]) as scope:
        values = convert(t, name="t")
        total = ROWS["reduce_sum"](values * values, axes, True)
        positive = total > 0
        safe = where(positive, total, ones_like(total))
        norm = where(positive, ROWS["sqrt"](safe), total)
        intermediate = values * clip_norm
        return ROWS["identity"](intermediate / ROWS["maximum"](norm, clip_norm), name=scope)


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
    """t scaled down so that its norm, divided by the number of its elements, is at most clip_norm."""
    with scope_of(name, "clip_by_average_norm", [t]) as scope:
        values = convert(t, name="t")
        count = cast(size(values), float32)
        total = ROWS["reduce_sum"](values * values, range_(rank(values)))
        inverse = ROWS["rsqrt"](total)
        scaled = values * clip_norm
        smaller = ROWS["minimum"](inverse * count, constant(1.0) / clip_norm)
        return ROWS["identity"](scaled * smaller, name=scope)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None,  # noqa: A002
         keep_dims: Any = None) -> Tensor:  # fmt: skip
    """The norm over `axis` (all by default): 'euclidean', 1, 2, another number, or infinity."""
    from twofold.tensorflow._array import squeeze

    keep = bool(keep_dims if keepdims is None else keepdims)
    with scope_of(name, "norm", [tensor]):
        values = convert(tensor)
        if isinstance(axis, (list, tuple)) and len(axis) == 2 and ord not in ("euclidean", "fro"):
            raise NotImplementedError("matrix norms other than 'euclidean' are not supported yet")
        over = [axis] if isinstance(axis, int) else axis
        made = _norm_of(values, ord, over)
        return made if keep else squeeze(made, over)


def _norm_of(values: Tensor, kind: Any, over: Any) -> Tensor:
    if kind in ("euclidean", "fro", 2, 2.0):
        return ROWS["sqrt"](ROWS["reduce_sum"](values * values, over, True))
    if kind == 1:
        return ROWS["reduce_sum"](ROWS["abs"](values), over, True)
    if kind == float("inf"):
        return ROWS["reduce_max"](ROWS["abs"](values), over, True)
    if not isinstance(kind, (int, float)) or kind <= 0:
        raise ValueError(f"'ord' must be a supported vector norm, got {kind}")
    return ROWS["pow"](ROWS["reduce_sum"](ROWS["pow"](ROWS["abs"](values), kind), over, True), 1.0 / kind)


