"""tf.gradients, tf.stop_gradient, tf.clip_by_global_norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._ops import ROWS, apply, scalar_name
from twofold.tensorflow._tensor import Tensor, constant, convert, same_graph


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple)) else [values]


def gradients(ys: Any, xs: Any, grad_ys: Any = None, name: str = "gradients", colocate_gradients_with_ops: bool = False,
              gate_gradients: bool = False, aggregation_method: Any = None, stop_gradients: Any = None) -> list[Tensor | None]:  # fmt: skip
    """d(sum of ys)/dx for each x of xs; None where ys do not depend on it."""
    outputs = [convert(y) for y in _listed(ys)]
    inputs = [_read_of(x) for x in _listed(xs)]
    given = None if grad_ys is None else [convert(g, outputs[k].dtype) for k, g in enumerate(_listed(grad_ys))]
    graph = same_graph(outputs)
    graph.check_open()
    with graph.name_scope(name or "gradients") as scope:
        return graph._core.gradients(outputs, inputs, given, scope)


def _read_of(x: Any) -> Any:
    """A variable is differentiated by its memory: every read of it counts."""
    return x._cell if hasattr(x, "_cell") else convert(x)


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    squares = [ROWS["reduce_sum"](ROWS["square"](t)) for t in t_list if t is not None]
    total = squares[0]
    for s in squares[1:]:
        total = apply("add", "add", None, [("x", total), ("y", s)], default="global_norm/add")
    return ROWS["sqrt"](total, name=name or "global_norm/global_norm")


def clip_by_global_norm(t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None) -> tuple[list, Tensor]:
    """The tensors scaled down together so that their common norm is at most clip_norm, and that norm."""
    norm = global_norm(t_list) if use_norm is None else use_norm
    limit = ROWS["minimum"](1.0 / norm, constant(1.0, norm.dtype) / clip_norm)
    scale = limit * clip_norm
    return [None if t is None else t * scale for t in t_list], norm


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Tensor:
    norm = ROWS["sqrt"](ROWS["reduce_sum"](ROWS["square"](t), axes, True))
    return ROWS["truediv"](t * clip_norm, ROWS["maximum"](norm, clip_norm), name=scalar_name(name, "clip_by_norm"))
