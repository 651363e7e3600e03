"""tf.tensordot: sums of products over pairs of axes, as one matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np

from twofold.tensorflow._array import concat, gather, reshape, shape, stack, transpose
from twofold.tensorflow._math import matmul
from twofold.tensorflow._op import ROWS, scope_of
from twofold.tensorflow._sizes import static_ints
from twofold.tensorflow._tensor import Tensor, convert


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """Sums of products over pairs of axes: a number of them (a's last, b's first), or two lists."""
    with scope_of(name, "Tensordot", [a, b]) as scope:
        x, y = convert(a, name="a"), convert(b, name="b")
        if x._shape is None or y._shape is None:
            raise NotImplementedError("tf.tensordot of a tensor of unknown rank is not supported yet")
        over_x, over_y = _pairs(len(x._shape), len(y._shape), axes)
        left, rows = _as_matrix(x, over_x, last=True)
        right, columns = _as_matrix(y, over_y, last=False)
        product = matmul(left, right)
        if isinstance(rows, list) and isinstance(columns, list):
            return reshape(product, rows + columns, name=scope)
        rows, columns = (convert(np.array(d, np.int32)) if isinstance(d, list) else d for d in (rows, columns))
        made = reshape(product, concat([rows, columns], 0), name=scope)
        made.set_shape([t._shape[k] for t, over in ((x, over_x), (y, over_y)) for k in range(len(t._shape)) if k not in over])
        return made


def _as_matrix(t: Tensor, over: list[int], last: bool) -> tuple[Tensor, Any]:
    """The axes that are summed as one, last or first, the others as one; and the sizes of the others."""
    free = [k for k in range(len(t._shape)) if k not in over]
    if not t.shape.is_fully_defined():
        return _as_matrix_told(t, over, free, last)
    sizes = [t._shape[k] for k in free]
    counts = [int(np.prod(n, dtype=np.int64)) for n in (sizes, [t._shape[k] for k in over])]
    order = free + over if last else over + free
    return reshape(transpose(t, order), counts if last else counts[::-1]), sizes


def _as_matrix_told(t: Tensor, over: list[int], free: list[int], last: bool) -> tuple[Tensor, Tensor]:
    """The same with sizes that only a run knows."""
    summed, others = convert(np.array(over, np.int32), name="axes"), convert(np.array(free, np.int32), name="free")
    sizes = shape(t)
    free_sizes, summed_sizes = gather(sizes, others), gather(sizes, summed)
    rows, inner = ROWS["reduce_prod"](free_sizes), ROWS["reduce_prod"](summed_sizes)
    order = concat([others, summed] if last else [summed, others], 0)
    counts = stack([rows, inner] if last else [inner, rows])
    return reshape(transpose(t, order), counts), free_sizes


def _pairs(x_rank: int, y_rank: int, axes: Any) -> tuple[list[int], list[int]]:
    if isinstance(axes, int):
        if not 0 <= axes <= min(x_rank, y_rank):
            raise ValueError("'axes' must be at least 0 and at most the number of dimensions of the operands")
        return list(range(x_rank - axes, x_rank)), list(range(axes))
    first, second = static_ints(axes)
    first, second = ([v] if isinstance(v, int) else list(v) for v in (first, second))
    if len(first) != len(second):
        raise ValueError(f"Different number of contraction axes 'a' and 'b', {len(first)} != {len(second)}.")
    return [k % x_rank for k in first], [k % y_rank for k in second]
