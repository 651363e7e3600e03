"""torch.sum, torch.cat, ...: the engine's rows under PyTorch's names, and what is written with them."""

from __future__ import annotations

import builtins
import math
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from twofold import _core
from twofold.torch import _dtypes, _indexing, _products
from twofold.torch import _elementwise as elementwise
from twofold.torch._creation import empty, full_like, tensor
from twofold.torch._dtypes import Size, dtype
from twofold.torch._grad_fn import step
from twofold.torch._in_place import add_in_place_methods
from twofold.torch._tensor import Tensor, axis_of, row
from twofold.torch._words import C_TYPES

# --- rows ---------------------------------------------------------------------------------------------------------
# By hand below, because PyTorch's function does more than the row.
_BY_HAND = {"full", "arange", "cast", "zeros_like", "ones_like", "view", "cond", "while_loop", "slice", "uniform",
            "uniform_like", "normal_like", "normal", "random_integers", "bernoulli", "sum", "var", "squeeze", "expand", "reshape",
            "permute", "argmax", "argmin", "prod", "cumsum", "cumprod", "pad", "where", "detach", "cross_entropy", "gather", "dropout",
            "concat", "take", "nonzero", "mean", "scatter_add", "take_add", *elementwise.ROWS}  # fmt: skip


def _rows_of_face() -> dict[str, Callable[..., Any]]:
    """{'exp': ..., 'nn.functional.relu': ...}: every row that has a PyTorch spelling."""
    out = {}
    for r in _core.rows():
        spelling = r["torch"]
        if spelling and r["name"] not in _BY_HAND:
            out[spelling.partition("(")[0]] = row(r["name"], spelling)
    return out


ROWS = _rows_of_face()
_sum, _mean = row("sum", "sum(input, dim, keepdim)"), row("mean", "mean(input, dim, keepdim)")
_amax, _amin = row("amax", "amax(input, dim, keepdim)"), row("amin", "amin(input, dim, keepdim)")
_argmax, _argmin = row("argmax", "argmax(input, dim, keepdim)"), row("argmin", "argmin(input, dim, keepdim)")
_prod = row("prod", "prod(input, dim, keepdim)")
_cumsum, _cumprod = row("cumsum", "cumsum(input, dim)"), row("cumprod", "cumprod(input, dim)")
_var = row("var", "var(input, dim, correction, keepdim)")
_squeeze, _where = row("squeeze", "squeeze(input, dim)"), row("where", "where(condition, input, other)")
_gather, _concat = row("gather", "gather(input, dim, index)"), row("concat", "cat(tensors, dim)")
_slice, _take = row("slice"), row("take", "index_select(input, dim, index)")
_tile = row("tile")
_maximum, _minimum = row("maximum"), row("minimum")
_sqrt, _abs, _square = row("sqrt"), row("abs"), row("square")
_add, _mul, _sub = row("add"), row("mul"), row("sub")
_ne = row("ne")
_all, _any = row("all"), row("any")

return_max = namedtuple("max", ["values", "indices"])
return_min = namedtuple("min", ["values", "indices"])
for _made in (return_max, return_min):
    _made.__module__ = "torch.return_types"
    _made.__repr__ = lambda self: _named_text(type(self).__name__, self._asdict())


def _named_text(name: str, parts: dict[str, Any]) -> str:
    lines = ",\n".join(f"{k}={v!r}" for k, v in parts.items())
    return f"torch.return_types.{name}(\n{lines})"


# --- arithmetic ---------------------------------------------------------------------------------------------------
def add(input: Tensor, other: Any, *legacy: Any, alpha: Any = 1) -> Tensor:
    """input + alpha * other; before 0.4 it was written add(input, alpha, other)."""
    if legacy:
        other, alpha = legacy[0], other
    return _add(input, other if alpha == 1 else other * alpha)


def sub(input: Tensor, other: Any, *legacy: Any, alpha: Any = 1) -> Tensor:
    if legacy:
        other, alpha = legacy[0], other
    return _sub(input, other if alpha == 1 else other * alpha)


def rsub(input: Tensor, other: Any) -> Tensor:
    return other - input


# --- reductions ---------------------------------------------------------------------------------------------------
def _in_dtype(function: Callable, input: Tensor, wanted: dtype | None, *args: Any) -> Tensor:
    """The result in the wanted dtype, computed in it."""
    return function(input, *args) if wanted is None else function(input.to(wanted), *args).to(wanted)


def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None, axis: Any = None) -> Tensor:
    """The sum over `dim` (all by default); integers sum in int64."""
    return _in_dtype(_sum, input, dtype, dim if axis is None else axis, keepdim)


def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None, axis: Any = None) -> Tensor:
    if not isinstance(input, Tensor):
        raise TypeError(f"mean(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return _mean(input if dtype is None else input.to(dtype), dim if axis is None else axis, keepdim)


def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The product over `dim` (all by default); integers multiply in int64."""
    return _in_dtype(_prod, input, dtype, dim, keepdim)


def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The sum of all elements up to each one along `dim`; integers sum in int64."""
    return _in_dtype(_cumsum, input, dtype, dim)


def cumprod(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The product of all elements up to each one along `dim`; integers multiply in int64."""
    return _in_dtype(_cumprod, input, dtype, dim)


def _extreme(input: Tensor, dim: Any, keepdim: bool, reduce: Callable, elementwise: Callable, position: Callable, pair: type) -> Any:
    name = pair.__name__
    if not isinstance(dim, Tensor) and 0 in input._shape:
        if dim is None:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
                "the 'dim' argument."
            )
        if input.size(dim) == 0:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
    if dim is None:
        return step(f"{name.capitalize()}Backward1")(reduce)(input)
    if isinstance(dim, Tensor):
        return elementwise(input, dim)
    index = position(input, dim, True)
    values = _gather(input, dim, index)
    out = pair(values, index) if keepdim else pair(_squeeze(values, dim), _squeeze(index, dim))
    _core.show_as(out[0], f"{name.capitalize()}Backward0", [input])
    return out


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element; with `dim`, (values, indices) along it; with a tensor, elementwise."""
    return _extreme(input, dim, keepdim, _amax, _maximum, _argmax, return_max)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element; with `dim`, (values, indices) along it; with a tensor, elementwise."""
    return _extreme(input, dim, keepdim, _amin, _minimum, _argmin, return_min)


def _position(input: Tensor, dim: int | None, keepdim: bool, position: Callable, name: str) -> Tensor:
    if dim is not None:
        return position(input, dim, keepdim)
    if 0 in input._shape:
        raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
    found = position(input.reshape(-1), 0)
    return found.reshape([1] * input.dim()) if keepdim else found


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the first largest element: along `dim`, or among all in row-major order."""
    return _position(input, dim, keepdim, _argmax, "argmax")


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the first smallest element: along `dim`, or among all in row-major order."""
    return _position(input, dim, keepdim, _argmin, "argmin")


def var(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> Tensor:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return _var(input, dim, int(unbiased) if correction is None else correction, keepdim)


@step("StdBackward0")
def std(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> Tensor:
    return _sqrt(var(input, dim, unbiased, keepdim, correction=correction))


@step("LinalgVectorNormBackward0")
def norm(input: Tensor, p: Any = 2, dim: Any = None, keepdim: bool = False) -> Tensor:
    if p in (2, "fro", 2.0):
        return _root(_sum(_square(input), dim, keepdim), _sqrt)
    if p == 1:
        return _sum(_abs(input), dim, keepdim)
    if p == 0:
        return _sum(_ne(input, 0).to(input.dtype), dim, keepdim)
    if p == math.inf:
        return _amax(_abs(input), dim, keepdim)
    return _root(_sum(_abs(input) ** float(p), dim, keepdim), lambda s: s ** (1.0 / p))


def _root(total: Tensor, root: Callable[[Tensor], Tensor]) -> Tensor:
    """The root of a sum of powers, with no gradient where the sum is 0, as PyTorch has it."""
    nothing = total == 0
    return masked_fill(root(masked_fill(total, nothing, 1.0)), nothing, 0.0)


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    return _all(elementwise.truth(input), dim, keepdim)


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    return _any(elementwise.truth(input), dim, keepdim)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    if input._dtype != other._dtype:
        raise RuntimeError(f"{input.dtype._legacy} did not match {other.dtype._legacy}")
    return bool(all(_abs(input - other) <= atol + rtol * _abs(other)))


def equal(input: Tensor, other: Tensor) -> bool:
    return input.shape == other.shape and bool(all(input == other))


# --- shapes and indices -------------------------------------------------------------------------------------------
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without `dim`, drops every dimension of size 1; with it, that one if its size is 1."""
    shape = input._shape
    if dim is None:
        return step("SqueezeBackward0")(reshape)(input, [n for n in shape if n != 1])
    dims = [axis_of(input, d) for d in ([dim] if isinstance(dim, int) else dim)]
    for d in sorted(dims, reverse=True):
        if shape and shape[d] == 1:
            input = _squeeze(input, d)
    return input


reshape, permute = row("reshape", "reshape(input, shape)"), row("permute", "permute(input, dims)")


def cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """The tensors one after the other along `dim`. Those of size [0] may stand beside any others, as in the first PyTorch."""
    if isinstance(tensors, Tensor):
        raise TypeError("cat(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    try:
        return _concat(tensors, dim if axis is None else axis)
    except RuntimeError:
        some = [t for t in tensors if not (isinstance(t, Tensor) and t._shape == (0,))]
        if not some or len(some) == len(tensors):
            raise
        return _concat(some, dim if axis is None else axis)


@step("StackBackward0")
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    for k, t in enumerate(tensors):
        if t._shape != tensors[0]._shape:
            first, other = list(tensors[0]._shape), list(t._shape)
            raise RuntimeError(f"stack expects each tensor to be equal size, but got {first} at entry 0 and {other} at entry {k}")
    return _concat([t.unsqueeze(dim) for t in tensors], dim)


@step("SplitBackward0")
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple:
    size = tensor.size(dim)
    each = split_size_or_sections
    if isinstance(each, int) and each < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={each}")
    if each == 0:
        if size:
            raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}")
        return (tensor,)
    sizes = each if not isinstance(each, int) else [each] * (size // each) + ([size % each] if size % each else [])
    starts = [0]
    for n in sizes:
        starts.append(starts[-1] + n)
    if starts[-1] != size:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension {dim}), "
            f"but got split_sizes={list(sizes)}"
        )
    return tuple(_slice(tensor, dim, a, b) for a, b in zip(starts, starts[1:]))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple:
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    return split(input, math.ceil(input.size(dim) / chunks) or 1, dim)


@step("UnbindBackward0")
def unbind(input: Tensor, dim: int = 0) -> tuple:
    return tuple(input.select(dim, k) for k in range(input.size(dim)))


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    shape = [-1 if d is None else d for d in input._shape] or [1]
    first, last = axis_of(input, start_dim), axis_of(input, end_dim)
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    merged = shape[first : last + 1]  # -1: a size that a graph learns when it runs
    return input.reshape(shape[:first] + [-1 if -1 in merged else math.prod(merged)] + shape[last + 1 :])


@step("TBackward0")
def t(input: Tensor) -> Tensor:
    if input.dim() > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.dim()}D")
    return input.transpose(0, 1) if input.dim() == 2 else input


def tile(input: Tensor, *dims: Any) -> Tensor:
    """Copies side by side: dims[k] along axis k, counted from the last axis."""
    counts = tuple(dims[0]) if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
    return _tile(input, (1,) * (input.dim() - len(counts)) + counts)


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    size = input.size(dim)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -size <= start <= size:
        raise IndexError(f"start out of range (expected to be in range of [{-size}, {size}], but got {start})")
    start += size if start < 0 else 0
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return _slice(input, dim, start, start + length)


@step("MaskedFillBackward0")
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    if mask._dtype not in (0, 1):
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {C_TYPES[mask._dtype]}")
    mask = mask.bool()
    if isinstance(value, Tensor):
        return _where(mask, value.to(input.dtype), input)
    return _where(mask, full_like(input, value), input)


@step("MaskedSelectBackward0")
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    if mask._dtype not in (0, 1):
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    mask, input = broadcast_tensors(mask.bool(), input)
    return input[mask]


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that tensors of these shapes broadcast to."""
    out: list[int] = []
    for shape in ([s] if isinstance(s, int) else list(s) for s in shapes):
        rank = builtins.max(len(out), len(shape))
        pairs = zip([1] * (rank - len(out)) + out, [1] * (rank - len(shape)) + shape)
        out = [m if n == 1 else n if m in (1, n) else _no_broadcast(n, m) for n, m in pairs]
    return Size(out)


def _no_broadcast(n: int, m: int) -> int:
    raise RuntimeError(f"Shape mismatch: objects cannot be broadcast to a single shape: {n} and {m}")


def broadcast_tensors(*tensors: Tensor) -> tuple:
    if len({t._shape for t in tensors}) == 1:
        return tensors
    a = tensors[0]
    for t in tensors[1:]:
        a = _ne(empty(a._shape), empty(t._shape))  # PyTorch's words where they do not broadcast
    return tuple(t.expand(a._shape) for t in tensors)


def broadcast_to(input: Tensor, size: Any) -> Tensor:
    return input.expand(size)


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    dim = axis_of(input, dim)
    shape = list(input._shape)
    given = list(sizes)
    if -1 not in given and math.prod(given) != shape[dim]:
        raise RuntimeError(
            f"unflatten: Provided sizes {given} don't multiply up to the size of dim {dim} ({shape[dim]}) in the input tensor"
        )
    known = math.prod(n for n in given if n != -1)
    return input.reshape(shape[:dim] + [shape[dim] // known if n == -1 else n for n in given] + shape[dim + 1 :])


def ravel(input: Tensor) -> Tensor:
    return input.reshape(-1)


def is_complex(input: Tensor) -> bool:
    return False


def is_nonzero(input: Tensor) -> bool:
    if input.numel() != 1:
        raise RuntimeError("Boolean value of Tensor with " + ("more than one value" if input.numel() else "no values") + " is ambiguous")
    return bool(input)


def numel(input: Tensor) -> int:
    return input.numel()


def repeat_interleave(input: Tensor, repeats: int, dim: int | None = None) -> Tensor:
    source = input.reshape(-1) if dim is None else input
    axis = dim or 0
    index = [i for i in range(source.size(axis)) for _ in range(repeats)]
    return _take(source, axis, tensor(index, dtype=_dtypes.int64))


# Functions that are methods too, beside the rows.
METHODS = [*elementwise.FUNCTIONS, add, sub, sum, prod, cumsum, cumprod, max, min, argmax, argmin, var, std, norm, all, any, allclose,
           equal, squeeze, split, chunk, unbind, flatten, t, tile, narrow, masked_fill, masked_select, repeat_interleave, mean, unflatten,
           ravel, broadcast_to, is_complex, is_nonzero, *_indexing.METHODS, *_products.METHODS]  # fmt: skip
_CASTS = {"bool": "bool", "byte": "uint8", "char": "int8", "short": "int16", "int": "int32", "long": "int64",
          "half": "float16", "bfloat16": "bfloat16", "float": "float32", "double": "float64"}  # fmt: skip


def _iterated(self: Tensor) -> Iterator[Tensor]:
    if not self._shape:
        raise TypeError("iteration over a 0-d tensor")
    return iter(unbind(self))


def _caster(name: str) -> Callable[[Tensor], Tensor]:
    wanted = getattr(_dtypes, "bool_" if name == "bool" else name)
    return lambda self: self.to(wanted)


def add_methods(rows: dict[str, Callable[..., Any]]) -> None:
    """Gives torch.Tensor its methods: rows that take a tensor first, and the functions above."""
    for spelling, function in rows.items():
        name = spelling.rpartition(".")[2]
        network = spelling.startswith("nn.functional.") and name != "relu"
        if name not in vars(Tensor) and name != "cat" and not network:
            setattr(Tensor, name, function)
    for function in METHODS:
        setattr(Tensor, function.__name__, function)
    Tensor.absolute, Tensor.multiply, Tensor.clip = Tensor.abs, Tensor.mul, elementwise.clamp
    Tensor.where = lambda self, condition, other: _where(condition, self, other)
    for method, name in _CASTS.items():
        setattr(Tensor, method, _caster(name))
    Tensor.__iter__ = _iterated
    Tensor.__hash__ = _core.Tensor.__hash__
    add_in_place_methods()
