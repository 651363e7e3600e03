"""Elements repeated, chosen, counted, and laid out along diagonals."""

from __future__ import annotations

from typing import Any

from twofold.torch import _dtypes
from twofold.torch._creation import ones
from twofold.torch._grad_fn import step
from twofold.torch._tensor import Tensor, row

_tile, _flip, _take = row("tile"), row("flip"), row("take", "index_select(input, dim, index)")
_squeeze, _flatten = row("squeeze", "squeeze(input, dim)"), row("flatten", "flatten(input, start_dim, end_dim)")
_expand, _unsqueeze = row("expand", "expand(input, shape)"), row("unsqueeze", "unsqueeze(input, dim)")
_diagonal, _diag_embed = row("diagonal"), row("diag_embed")
_trace, _tril, _triu, _nonzero = row("trace"), row("tril"), row("triu"), row("nonzero")
_positions, _bincount, _one_hot = row("repeat_interleave"), row("bincount"), row("one_hot")
_masked_select = row("masked_select", "masked_select(input, mask)")
_identity = row("identity", "clone(input)")


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy with storage of its own, its rows one after another."""
    return _identity(input)


# --- repeating, turning -------------------------------------------------------------------------------------------
def tile(input: Tensor, *dims: Any) -> Tensor:
    """Copies side by side: dims[k] along axis k, counted from the last axis."""
    counts = tuple(dims[0]) if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
    return _tile(input, (1,) * (input.dim() - len(counts)) + counts)


def repeat_interleave(input: Any = None, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None) -> Tensor:
    """Each element repeated on the spot: all as often, or as often as a tensor says. Alone, a tensor of counts gives
    the index that repeats so."""
    if input is None or repeats is None:
        counts = repeats if input is None else input
        if counts.dim() != 1:
            raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
        return _positions(counts)
    source, axis = (input.reshape(-1), 0) if dim is None else (input, dim)
    if not isinstance(repeats, Tensor):
        return _repeat_each(source, repeats, axis)
    if repeats.dim() > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if repeats.numel() == 1:
        repeats = _expand(repeats.reshape(1), [source.size(axis)])
    elif repeats.numel() != source.size(axis):
        raise RuntimeError(f"repeats must have the same size as input along dim, but got repeats.size(0) = {repeats.numel()} and "
                           f"input.size({axis}) = {source.size(axis)}")  # fmt: skip
    return _take(source, axis, _positions(repeats))


def _repeat_each(source: Tensor, count: int, axis: int) -> Tensor:
    if isinstance(count, bool) or not hasattr(count, "__index__"):
        raise TypeError(f"repeat_interleave(): argument 'repeats' must be Tensor or int, not {type(count).__name__}")
    if count < 0:
        raise RuntimeError("Repeats must be non-negative")
    if not -source.dim() <= axis < source.dim():
        raise IndexError(f"Dimension out of range (expected to be in range of [{-source.dim()}, {source.dim() - 1}], but got {axis})")
    at = axis % source.dim()
    each = [-1] * (source.dim() + 1)
    each[at + 1] = count
    return _flatten(_expand(_unsqueeze(source, at + 1), each), at, at + 1)


def fliplr(input: Tensor) -> Tensor:
    if input.dim() < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return _flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    if input.dim() < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return _flip(input, 0)


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without `dim`, drops every dimension of size 1; with it, those of its dimensions that have size 1."""
    shape = input._shape
    if dim is None:
        return step("SqueezeBackward0")(_squeeze)(input, [k for k, n in enumerate(shape) if n == 1])
    dims = [dim] if isinstance(dim, int) else list(dim)
    for d in dims:
        if not -(len(shape) or 1) <= d < (len(shape) or 1):
            raise IndexError(f"Dimension out of range (expected to be in range of [{-(len(shape) or 1)}, {(len(shape) or 1) - 1}], but got {d})")
    return _squeeze(input, [d for d in dims if shape and shape[d] == 1])


# --- diagonals ----------------------------------------------------------------------------------------------------
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A matrix with these elements on a diagonal, or the diagonal of a matrix, copied."""
    if input.dim() not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.dim()}D")
    return _diag_embed(input, diagonal) if input.dim() == 1 else _diagonal(input, diagonal).clone()


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    return _diag_embed(input.reshape(-1), offset)


def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal; integers sum in int64."""
    if input.dim() != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.dim()}")
    return _trace(input)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, **_: Any) -> Tensor:
    """The coordinates of a lower triangle's elements, row by row."""
    return _nonzero(_tril(ones(row, col), offset)).t().to(dtype or _dtypes.int64).contiguous()


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, **_: Any) -> Tensor:
    """The coordinates of an upper triangle's elements, row by row."""
    return _nonzero(_triu(ones(row, col), offset)).t().to(dtype or _dtypes.int64).contiguous()


# --- choosing, counting -------------------------------------------------------------------------------------------
@step("MaskedSelectBackward0")
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask holds, in row-major order; both broadcast."""
    if mask._dtype not in (0, 1):
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    return _masked_select(input, mask.bool())


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each value from 0 on comes, or the sum of its weights."""
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if input.is_floating_point() or input.dtype is _dtypes.bool_:
        raise NotImplementedError(f'"bincount_cpu" not implemented for \'{input.dtype._legacy}\'')
    if input.dim() != 1:
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is None or not input.numel():
        return _bincount(input, ones(input.shape, dtype=_dtypes.int64), minlength)
    if weights._shape != input._shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    single = weights.dtype is _dtypes.float32
    return _bincount(input, weights if single else weights.to(_dtypes.float64), minlength)


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """1 at each class's place in a new last axis, 0 elsewhere; as many places as classes come up, unless told."""
    if input.dtype is not _dtypes.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if num_classes == -1:
        if input.numel() == 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        num_classes = max(0, int(input.amax()) + 1)
    if num_classes < 0 or (num_classes == 0 and input.numel()):
        raise RuntimeError("Class values must be smaller than num_classes.")
    return _one_hot(input, num_classes, dtype=_dtypes.int64, strict=True)


METHODS = [clone, tile, repeat_interleave, fliplr, flipud, squeeze, diag, diagflat, trace, masked_select, bincount]
FUNCTIONS = [*METHODS, tril_indices, triu_indices]
