"""torch.sum, torch.cat, ...: the engine's rows under PyTorch's names, and what is written with them."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from twofold import _core
from twofold.torch import _dtypes, _indexing, _layout, _ordering, _products
from twofold.torch import _elementwise as elementwise
from twofold.torch._creation import default_float, empty, full_like
from twofold.torch._dtypes import C_TYPES, Size, dtype
from twofold.torch._grad_fn import step
from twofold.torch._in_place import add_in_place_methods
from twofold.torch._numpy_names import with_numpy_names
from twofold.torch._tensor import Tensor, axis_of, row

# --- rows ---------------------------------------------------------------------------------------------------------
# By hand below, because PyTorch's function does more than the row.
_BY_HAND = {"full", "arange", "cast", "zeros_like", "ones_like", "view", "cond", "while_loop", "slice", "uniform",
            "uniform_like", "normal_like", "normal", "random_integers", "bernoulli", "sum", "var", "squeeze", "expand", "reshape",
            "permute", "argmax", "argmin", "prod", "cumsum", "cumprod", "pad", "std", "norm", "logsumexp", "sort", "argsort",
            "topk", "unique", "searchsorted", "bincount", "one_hot", "masked_select", "repeat_interleave", "trace", "eye",
            "linspace", "where", "detach", "cross_entropy", "gather", "dropout", "concat", "take", "nonzero", "mean",
            "scatter_add", "take_add", *elementwise.ROWS}  # fmt: skip


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
_prod = row("prod", "prod(input, dim, keepdim)")
_cumsum, _cumprod = row("cumsum", "cumsum(input, dim)"), row("cumprod", "cumprod(input, dim)")
_var = row("var", "var(input, dim, correction, keepdim)")
_std, _norm = row("std", "std(input, dim, correction, keepdim)"), row("norm", "norm(input, p, dim, keepdim)")
_logsumexp, _exp, _log = row("logsumexp", "logsumexp(input, dim, keepdim)"), row("exp"), row("log")
_where = row("where", "where(condition, input, other)")
_concat, _slice, _abs = row("concat", "cat(tensors, dim)"), row("slice"), row("abs")
_add, _mul, _sub = row("add"), row("mul"), row("sub")
_all, _any, _ne = row("all"), row("any"), row("ne")

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


def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The sum over `dim` (all by default); integers sum in int64."""
    return _in_dtype(_sum, input, dtype, dim, keepdim)


def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    if not isinstance(input, Tensor):
        raise TypeError(f"mean(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return _mean(input if dtype is None else input.to(dtype), dim, keepdim)


def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The product over `dim` (all by default); integers multiply in int64."""
    return _in_dtype(_prod, input, dtype, dim, keepdim)


def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The sum of all elements up to each one along `dim`; integers sum in int64."""
    return _in_dtype(_cumsum, input, dtype, dim)


def cumprod(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The product of all elements up to each one along `dim`; integers multiply in int64."""
    return _in_dtype(_cumprod, input, dtype, dim)


def _spread(function: Callable, input: Tensor, dim: Any, unbiased: bool, keepdim: bool, correction: int | None) -> Tensor:
    """std or var: `dim` may be left out, so that a flag comes first."""
    if not input.is_floating_point():
        raise RuntimeError("std and var only support floating point and complex dtypes")
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return function(input, dim, int(unbiased) if correction is None else correction, keepdim)


def var(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> Tensor:
    return _spread(_var, input, dim, unbiased, keepdim, correction)


@step("StdBackward0")
def std(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> Tensor:
    return _spread(_std, input, dim, unbiased, keepdim, correction)


def _with_mean(spread: Callable, input: Tensor, dim: Any, unbiased: bool, keepdim: bool, correction: int | None) -> tuple:
    found = spread(input, dim, unbiased, keepdim, correction=correction)
    return found, _mean(input, None if isinstance(dim, bool) else dim, keepdim)


def std_mean(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> tuple:
    return _with_mean(std, input, dim, unbiased, keepdim, correction)


def var_mean(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> tuple:
    return _with_mean(var, input, dim, unbiased, keepdim, correction)


@step("LinalgVectorNormBackward0")
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """sum(|x|^p)^(1/p); 2 unless told, the largest |x| for an infinite p."""
    if p == "nuc":
        raise NotImplementedError("torch.norm with p='nuc' is not supported yet")
    if not input.is_floating_point():
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {input.dtype._legacy}")
    return _in_dtype(_norm, input, dtype, 2.0 if p in ("fro", None) else p, dim, keepdim)


def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """log(sum(exp(x))) over `dim`, in range whatever the size of x."""
    source = input if input.is_floating_point() else input.to(default_float())
    if 0 in (source._shape or ()):  # there is no largest element; the sum of nothing is 0
        return _log(_sum(_exp(source), dim, keepdim))
    return _logsumexp(source, dim, keepdim)


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


reshape, permute = row("reshape", "reshape(input, shape)"), row("permute", "permute(input, dims)")


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after the other along `dim`. Those of size [0] may stand beside any others, as in the first PyTorch."""
    if isinstance(tensors, Tensor):
        raise TypeError("cat(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    try:
        return _concat(tensors, dim)
    except RuntimeError:
        some = [t for t in tensors if not (isinstance(t, Tensor) and t._shape == (0,))]
        if not some or len(some) == len(tensors):
            raise
        return _concat(some, dim)


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


@step("TBackward0")
def t(input: Tensor) -> Tensor:
    if input.dim() > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.dim()}D")
    return input.transpose(0, 1) if input.dim() == 2 else input


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


# Functions that are methods too, beside the rows.
METHODS = [*elementwise.FUNCTIONS, add, sub, sum, mean, prod, cumsum, cumprod, var, std, norm, logsumexp, all, any, allclose, equal,
           split, chunk, unbind, t, narrow, masked_fill, unflatten, ravel, is_complex, is_nonzero,
           *_ordering.METHODS, *_layout.METHODS, *_indexing.METHODS, *_products.METHODS]  # fmt: skip
FUNCTIONS = [*METHODS, broadcast_to, std_mean, var_mean, *_ordering.FUNCTIONS, *_layout.FUNCTIONS]
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
        setattr(Tensor, function.__name__, with_numpy_names(function))
    for name, same in elementwise.ALIASES.items():
        setattr(Tensor, name, rows[same])
    Tensor.clip, Tensor.subtract, Tensor.divide, Tensor.true_divide = elementwise.clamp, sub, elementwise.div, elementwise.div
    Tensor.moveaxis, Tensor.swapaxes, Tensor.swapdims = Tensor.movedim, Tensor.transpose, Tensor.transpose
    Tensor.broadcast_to = lambda self, *size: self.expand(*size)
    Tensor.split = lambda self, split_size, dim=0: split(self, split_size, dim)
    Tensor.where = lambda self, condition, other: _where(condition, self, other)
    for method, name in _CASTS.items():
        setattr(Tensor, method, _caster(name))
    Tensor.__iter__ = _iterated
    Tensor.__hash__ = _core.Tensor.__hash__
    add_in_place_methods()
