"""What comes first: extremes, sorting, distinct elements, search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twofold import _core
from twofold.torch import _dtypes, return_types
from twofold.torch._creation import tensor
from twofold.torch._grad_fn import step
from twofold.torch._tensor import Tensor, row

_amax, _amin = row("amax", "amax(input, dim, keepdim)"), row("amin", "amin(input, dim, keepdim)")
_argmax, _argmin = row("argmax", "argmax(input, dim, keepdim)"), row("argmin", "argmin(input, dim, keepdim)")
_maximum, _minimum = row("maximum"), row("minimum")
_gather, _squeeze = row("gather", "gather(input, dim, index)"), row("squeeze", "squeeze(input, dim)")
_sort, _argsort = row("sort", "sort(input, dim, descending)"), row("argsort", "argsort(input, dim, descending)")
_topk, _unique = row("topk", "topk(input, k, dim, largest)"), row("unique", "unique(input, sorted)")
_searchsorted = row("searchsorted", "searchsorted(sorted_sequence, input, right)")
_slice, _index, _concat = row("slice"), row("take", "index_select(input, dim, index)"), row("concat", "cat(tensors, dim)")
_cumsum, _ne, _where = row("cumsum", "cumsum(input, dim)"), row("ne"), row("where")


# --- extremes -----------------------------------------------------------------------------------------------------
def _length(input: Tensor, dim: int) -> int | None:
    """How many elements lie along `dim`; None where nobody knows or there is no such axis."""
    shape = input._shape or (1,)
    return shape[dim] if -len(shape) <= dim < len(shape) else None


def _need_elements(name: str, input: Tensor, dim: int | None) -> None:
    if dim is None and 0 in (input._shape or ()):
        words = f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
        raise (IndexError if name.startswith("arg") else RuntimeError)(f"{words} Specify the reduction dim with the 'dim' argument.")
    if dim is not None and _length(input, dim) == 0:
        raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")


def _extreme(name: str, input: Tensor, dim: Any, keepdim: bool, reduce: Callable, elementwise: Callable, position: Callable) -> Any:
    if input.dtype is _dtypes.bool_:
        return _extreme_truth(name, input, dim, keepdim, reduce, elementwise, position)
    if isinstance(dim, Tensor):
        return elementwise(input, dim)
    _need_elements(name, input, dim)
    if dim is None:
        return step(f"{name.capitalize()}Backward1")(reduce)(input)
    index = position(input, dim, True)
    values, index = _chosen(input, dim, index, keepdim)
    _core.show_as(values, f"{name.capitalize()}Backward0", [input])
    return getattr(return_types, name)(values, index)


def _extreme_truth(name: str, input: Tensor, dim: Any, *rest: Any) -> Any:
    """The same of truth values, by way of 0 and 1."""
    found = _extreme(name, input.to(_dtypes.uint8), dim.to(_dtypes.uint8) if isinstance(dim, Tensor) else dim, *rest)
    if isinstance(found, Tensor):
        return found.to(_dtypes.bool_)
    return type(found)(found.values.to(_dtypes.bool_), found.indices)


def _chosen(input: Tensor, dim: int, index: Tensor, keepdim: bool) -> tuple[Tensor, Tensor]:
    """What stands at one index of every line, and the index."""
    if not input.dim():
        return input.clone(), index
    values = _gather(input, dim, index)
    return (values, index) if keepdim else (_squeeze(values, dim), _squeeze(index, dim))


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element; with `dim`, (values, indices) along it; with a tensor, elementwise."""
    return _extreme("max", input, dim, keepdim, _amax, _maximum, _argmax)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element; with `dim`, (values, indices) along it; with a tensor, elementwise."""
    return _extreme("min", input, dim, keepdim, _amin, _minimum, _argmin)


def _position(name: str, input: Tensor, dim: int | None, keepdim: bool, position: Callable) -> Tensor:
    _need_elements(name, input, dim)
    if dim is not None:
        return position(input, dim, keepdim)
    found = position(input.reshape(-1), 0)
    return found.reshape([1] * input.dim()) if keepdim else found


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the first largest element: along `dim`, or among all in row-major order."""
    return _position("argmax", input, dim, keepdim, _argmax)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the first smallest element: along `dim`, or among all in row-major order."""
    return _position("argmin", input, dim, keepdim, _argmin)


# --- sorting ------------------------------------------------------------------------------------------------------
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> return_types.sort:
    """(values, indices) in order along `dim`. Equal elements always stay in order; NaN is the largest."""
    return return_types.sort(*_sort(input, dim, descending))


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices that sort along `dim`; equal elements always stay in order."""
    return _argsort(input, dim, descending)


def msort(input: Tensor) -> Tensor:
    """The values in order along the first axis."""
    return _sort(input, 0)[0]


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> return_types.topk:
    """(values, indices) of the k largest or smallest along `dim`, always in order; of equal ones the first."""
    return return_types.topk(*_topk(input, k, dim, largest))


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> return_types.kthvalue:
    """(values, indices) of the k-th smallest elements along `dim`, counted from 1."""
    n = _length(input, dim)
    if n == 0:
        raise IndexError(f"kthvalue(): Expected reduction dim {dim % (input.dim() or 1)} to have non-zero size.")
    if n is not None and not 1 <= k <= n:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim % (input.dim() or 1)}")
    found = _topk(input, k, dim, False)
    last = [_slice(part, dim, k - 1, k) if input.dim() else part for part in found]
    return return_types.kthvalue(*(last if keepdim or not input.dim() else [_squeeze(part, dim) for part in last]))


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smaller of the two in the middle, or NaN if there is one; with `dim`, (values, indices) along it."""
    source, axis = (input.reshape(-1), 0) if dim is None else (input, dim)
    n = _length(source, axis)
    if n == 0:
        if dim is not None:
            raise IndexError(f"median(): Expected reduction dim {dim} to have non-zero size.")
        return source.new_tensor(float("nan"))
    middle = _chosen_middle(source, axis, n)
    return _chosen(source, axis, middle, False)[0] if dim is None else return_types.median(*_chosen(source, axis, middle, keepdim))


def _chosen_middle(source: Tensor, axis: int, n: int) -> Tensor:
    order = _argsort(source, axis)
    if not source.dim():
        return order
    middle = _slice(order, axis, (n - 1) // 2, (n - 1) // 2 + 1)
    if not source.is_floating_point():
        return middle
    largest = _argmax(source, axis, True)  # of NaNs the first
    found = _gather(source, axis, largest)
    return _where(_ne(found, found), largest, middle)


# --- distinct elements, search ------------------------------------------------------------------------------------
def unique(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The distinct elements (with `dim`, slices) in order; on request which of them each one is, and how often each comes."""
    if dim is None:
        return _wanted(*_unique(input, True), return_inverse, return_counts)
    rows = input.movedim(dim, 0).flatten(1) if input.dim() > 1 else input.reshape(-1, 1)
    order = tensor(range(rows.size(0)), dtype=_dtypes.int64)
    for column in range(rows.size(1) - 1, -1, -1):  # stable: the last column first
        order = _index(order, 0, _argsort(_index(rows.select(1, column), 0, order)))
    starts, groups, counts = _runs(_index(rows, 0, order))
    inverse = groups.scatter_add(0, order, groups) - groups
    return _wanted(_index(input, dim, _index(order, 0, starts)), inverse, counts, return_inverse, return_counts)


def unique_consecutive(input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The first of every run of equal elements (with `dim`, slices); on request each one's run, and how long each is."""
    source, axis = (input.reshape(-1), 0) if dim is None else (input, dim)
    rows = source.movedim(axis, 0).flatten(1) if source.dim() > 1 else source.reshape(-1, 1)
    starts, groups, counts = _runs(rows)
    inverse = groups.reshape(input.shape) if dim is None else groups
    return _wanted(_index(source, axis, starts), inverse, counts, return_inverse, return_counts)


def _runs(rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where runs of equal rows start, the run that each row belongs to, and how long the runs are."""
    n = rows.size(0)
    if n == 0:
        nothing = tensor([], dtype=_dtypes.int64)
        return nothing, nothing, nothing
    changes = _ne(_slice(rows, 0, 1), _slice(rows, 0, 0, n - 1)).any(1).to(_dtypes.int64)
    groups = _concat([tensor([0]), _cumsum(changes, 0)])
    _, _, counts = _unique(groups, True)
    return _cumsum(counts, 0) - counts, groups, counts


def _wanted(values: Tensor, inverse: Tensor, counts: Tensor, return_inverse: bool, return_counts: bool) -> Any:
    parts = (values, *([inverse] if return_inverse else []), *([counts] if return_counts else []))
    return parts if len(parts) > 1 else values


def searchsorted(sorted_sequence: Tensor, input: Any, *, out_int32: bool = False, right: bool = False,
                 side: str | None = None, sorter: Tensor | None = None) -> Tensor:  # fmt: skip
    """How many elements of each sorted line are less than each value (right: or equal to it)."""
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if right and side == "left":
        raise RuntimeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True")
    if not isinstance(input, Tensor):
        if sorted_sequence.dim() != 1:
            raise RuntimeError("torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but "
                               f"we got boundaries tensor dim({sorted_sequence.dim()}) and input value's dim(0) numel(1)")  # fmt: skip
        input = tensor(input)
    line = sorted_sequence if sorter is None else _gather(sorted_sequence, -1, sorter)
    found = _searchsorted(line, input, right or side == "right")
    return found.to(_dtypes.int32) if out_int32 else found


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """How many boundaries are less than each value (right: or equal to it)."""
    if boundaries.dim() != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.dim()})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


METHODS = [max, min, argmax, argmin, sort, argsort, msort, topk, kthvalue, median, unique, unique_consecutive]
FUNCTIONS = [*METHODS, searchsorted, bucketize]
