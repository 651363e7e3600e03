"""torch.gather, scatter, index_select, where, ...: reading and writing at places that tensors name."""

from __future__ import annotations

from typing import Any

from twofold.torch._creation import arange, full
from twofold.torch._grad_fn import step
from twofold.torch._tensor import Tensor, axis_of, row

_where, _nonzero = row("where", "where(condition, input, other)"), row("nonzero", "nonzero(input)")
_gather, _take = row("gather", "gather(input, dim, index)"), row("take", "index_select(input, dim, index)")
_scatter_add = row("scatter_add", "scatter_add(input, dim, index, src)")
_take_add = row("take_add", "index_add(input, dim, index, source)")


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    return nonzero(condition, as_tuple=True) if input is None else _where(condition, input, other)


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The places of the elements that are not zero: one row for each, or one tensor for each dimension."""
    return tuple(_nonzero(input).unbind(1)) if as_tuple else _nonzero(input)


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    if not input._shape and len(index._shape) < 2:  # a scalar counts as a vector here
        return _gather(input.reshape(1), dim, index.reshape(-1)).reshape(index._shape)
    return _gather(input, dim, index)


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    if index.dim() > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if not input._shape:
        if index.numel() != 1:
            raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {index.numel()} value(s)")
        return _take(input.reshape(1), dim, index.reshape(-1)).reshape(())
    return _take(input, dim, index.reshape(-1) if not index._shape else index)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    if input._dtype != src._dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    return _scatter_add(input, dim, index, src)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    if input._dtype != source._dtype:
        raise RuntimeError(
            f"index_add_(): self ({input.dtype._legacy}) and source ({source.dtype._legacy}) must have the same scalar type"
        )
    return _take_add(input, dim, index, source if alpha == 1 else source * alpha)


def _places(index: Tensor, dim: int) -> tuple:
    """For each element of the index, where it points to, as a subscript."""
    out = []
    for d in range(index.dim()):
        if d == dim:
            out.append(index)
        else:
            out.append(arange(index.size(d)).view([-1 if k == d else 1 for k in range(index.dim())]))
    return tuple(out)


@step("ScatterBackward0")
def scatter(input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Tensor:
    """`input` with src[i][j] at [index[i][j]][j] for dim 0, and so on; of several, the last."""
    given = value if src is None else src
    dim = axis_of(input, dim)
    if index._dtype not in (4, 5):
        raise RuntimeError("scatter(): Expected dtype int32/int64 for index")
    if isinstance(given, Tensor) and given.dim():
        if given._dtype != input._dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        given = given[tuple(slice(0, n) for n in index._shape)]
    if reduce == "add":
        return _scatter_add(input, dim, index, full(index._shape, given, dtype=input.dtype) if not isinstance(given, Tensor) else given)
    if reduce == "multiply":
        return scatter(input, dim, index, _gather(input, dim, index) * given)
    out = input.clone()
    out[_places(index, dim)] = given
    return out


@step("IndexFillBackward0")
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    return index_copy(input, dim, index, value)


@step("IndexCopyBackward0")
def index_copy(input: Tensor, dim: int, index: Tensor, source: Any) -> Tensor:
    out = input.clone()
    out[(slice(None),) * axis_of(input, dim) + (index,)] = source
    return out


METHODS = [nonzero, gather, index_select, scatter_add, index_add, scatter, index_fill, index_copy]
