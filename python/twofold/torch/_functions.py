"""torch.sum, torch.cat, ...: the engine's rows under PyTorch's names, and what is written with them."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

from twofold import _core
from twofold.torch import _dtypes
from twofold.torch._creation import full_like, tensor
from twofold.torch._dtypes import dtype
from twofold.torch._tensor import Tensor, row

# --- rows ---------------------------------------------------------------------------------------------------------
# By hand below, because PyTorch's function does more than the row.
_BY_HAND = {"full", "arange", "cast", "zeros_like", "ones_like", "view", "cond", "while_loop", "slice", "uniform",
            "uniform_like", "normal", "random_integers", "bernoulli", "sum", "var", "squeeze", "expand", "reshape",
            "permute", "argmax", "where", "detach", "cross_entropy", "gather", "dropout"}  # fmt: skip


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
_argmax = row("argmax", "argmax(input, dim, keepdim)")
_var = row("var", "var(input, dim, correction, keepdim)")
_squeeze, _where = row("squeeze", "squeeze(input, dim)"), row("where", "where(condition, input, other)")
_gather, _concat = row("gather", "gather(input, dim, index)"), row("concat", "cat(tensors, dim)")
_slice, _take = row("slice"), row("take", "index_select(input, dim, index)")
_maximum, _minimum = row("maximum"), row("minimum")
_sqrt, _abs, _square = row("sqrt"), row("abs"), row("square")
_add, _mul, _sub, _div = row("add"), row("mul"), row("sub"), row("div")
_all, _any, _ne = row("all"), row("any"), row("ne")

return_max = namedtuple("max", ["values", "indices"])
return_min = namedtuple("min", ["values", "indices"])
for _made in (return_max, return_min):
    _made.__module__ = "torch.return_types"
    _made.__reduce__ = lambda self: (_pair, (type(self).__name__, tuple(self)))
    _made.__repr__ = lambda self: _named_text(type(self).__name__, self._asdict())


def _pair(name: str, parts: tuple) -> Any:
    return {"max": return_max, "min": return_min}[name](*parts)


def _named_text(name: str, parts: dict[str, Any]) -> str:
    lines = ",\n".join(f"{k}={v!r}" for k, v in parts.items())
    return f"torch.return_types.{name}(\n{lines})"


# --- arithmetic ---------------------------------------------------------------------------------------------------
def add(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    return _add(input, other if alpha == 1 else other * alpha)


def sub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    return _sub(input, other if alpha == 1 else other * alpha)


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    out = input if min is None else _maximum(input, min)
    return out if max is None else _minimum(out, max)


def reciprocal(input: Tensor) -> Tensor:
    return 1.0 / input


def rsub(input: Tensor, other: Any) -> Tensor:
    return other - input


# --- reductions ---------------------------------------------------------------------------------------------------
def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None, axis: Any = None) -> Tensor:
    """The sum over `dim` (all by default); integers sum in int64."""
    source = input if dtype is None else input.to(dtype)
    return _sum(source, dim if axis is None else axis, keepdim)


def _extreme(input: Tensor, dim: Any, keepdim: bool, reduce: Callable, sign: int, pair: type) -> Any:
    if dim is None:
        return reduce(input)
    if isinstance(dim, Tensor):
        return (_maximum if sign > 0 else _minimum)(input, dim)
    index = _argmax(input if sign > 0 else -input, dim, True)
    values = _gather(input, dim, index)
    return pair(values, index) if keepdim else pair(_squeeze(values, dim), _squeeze(index, dim))


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element; with `dim`, (values, indices) along it; with a tensor, elementwise."""
    return _extreme(input, dim, keepdim, _amax, 1, return_max)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element; with `dim`, (values, indices) along it; with a tensor, elementwise."""
    return _extreme(input, dim, keepdim, _amin, -1, return_min)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return _argmax(input.reshape(-1), 0) if dim is None else _argmax(input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return argmax(-input, dim, keepdim)


def var(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> Tensor:
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return _var(input, dim, int(unbiased) if correction is None else correction, keepdim)


def std(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> Tensor:
    return _sqrt(var(input, dim, unbiased, keepdim, correction=correction))


def norm(input: Tensor, p: Any = 2, dim: Any = None, keepdim: bool = False) -> Tensor:
    if p in (2, "fro", 2.0):
        return _sqrt(_sum(_square(input), dim, keepdim))
    if p == 1:
        return _sum(_abs(input), dim, keepdim)
    if p == math.inf:
        return _amax(_abs(input), dim, keepdim)
    return _sum(_abs(input) ** float(p), dim, keepdim) ** (1.0 / p)


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    return _all(input if input._dtype == 0 else _ne(input, 0), dim, keepdim)


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    return _any(input if input._dtype == 0 else _ne(input, 0), dim, keepdim)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    return bool(all(_abs(input - other) <= atol + rtol * _abs(other)))


def equal(input: Tensor, other: Tensor) -> bool:
    return input.shape == other.shape and bool(all(input == other))


# --- shapes and indices -------------------------------------------------------------------------------------------
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without `dim`, drops every dimension of size 1; with it, that one if its size is 1."""
    shape = input._shape
    if dim is None:
        return input.reshape([n for n in shape if n != 1])
    dims = [dim] if isinstance(dim, int) else list(dim)
    for d in sorted((d % len(shape) if shape else 0 for d in dims), reverse=True):
        if shape and shape[d] == 1:
            input = _squeeze(input, d)
    return input


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    if input is None:
        return tuple(condition.nonzero().unbind(1))
    return _where(condition, input, other)


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    return _gather(input, dim, index)


reshape, permute = row("reshape", "reshape(input, shape)"), row("permute", "permute(input, dims)")


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    return _concat([t.unsqueeze(dim) for t in tensors], dim)


def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple:
    size = tensor.size(dim)
    each = split_size_or_sections
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
    return split(input, math.ceil(input.size(dim) / chunks) or 1, dim)


def unbind(input: Tensor, dim: int = 0) -> tuple:
    return tuple(input.select(dim, k) for k in range(input.size(dim)))


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    shape = [-1 if d is None else d for d in input._shape] or [1]
    first, last = start_dim % len(shape), end_dim % len(shape)
    merged = shape[first : last + 1]  # -1: a size that a graph learns when it runs
    return input.reshape(shape[:first] + [-1 if -1 in merged else math.prod(merged)] + shape[last + 1 :])


def t(input: Tensor) -> Tensor:
    if input.dim() > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.dim()}D")
    return input.transpose(0, 1) if input.dim() == 2 else input


def repeat(input: Tensor, *sizes: Any) -> Tensor:
    counts = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
    out = input.reshape([1] * (len(counts) - input.dim()) + list(input._shape))
    for dim, n in enumerate(counts):
        if n != 1:
            out = _concat([out] * n, dim)
    return out


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    return _slice(input, dim, start, start + length)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    return _where(mask, full_like(input, value), input)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    return input.expand(mask.shape)[mask] if input.shape != mask.shape else input[mask]


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    if input.dim() != 2 or mat2.dim() != 2:
        raise RuntimeError("self must be a matrix" if input.dim() != 2 else "mat2 must be a matrix")
    return input @ mat2


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    if input.dim() != 3 or mat2.dim() != 3:
        raise RuntimeError("batch1 must be a 3D tensor" if input.dim() != 3 else "batch2 must be a 3D tensor")
    return input @ mat2


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    if input.dim() != 1 or tensor.dim() != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.dim()}D and {tensor.dim()}D tensors")
    return _sum(_mul(input, tensor))


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    product = mm(mat1, mat2)
    return (input if beta == 1 else input * beta) + (product if alpha == 1 else product * alpha)


def numel(input: Tensor) -> int:
    return input.numel()


def repeat_interleave(input: Tensor, repeats: int, dim: int | None = None) -> Tensor:
    source = input.reshape(-1) if dim is None else input
    axis = dim or 0
    index = [i for i in range(source.size(axis)) for _ in range(repeats)]
    return _take(source, axis, tensor(index, dtype=_dtypes.int64))


# Functions that are methods too, beside the rows.
METHODS = [add, sub, clamp, reciprocal, sum, max, min, argmax, argmin, var, std, norm, all, any, allclose, equal,
           squeeze, gather, split, chunk, unbind, flatten, t, repeat, narrow, masked_fill, masked_select, mm, bmm, dot,
           addmm, repeat_interleave]  # fmt: skip
_CASTS = {"bool": "bool", "byte": "uint8", "char": "int8", "short": "int16", "int": "int32", "long": "int64",
          "half": "float16", "bfloat16": "bfloat16", "float": "float32", "double": "float64"}  # fmt: skip


def _in_place(name: str, out_of_place: Callable) -> Callable:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return self.copy_(out_of_place(self, *args, **kwargs))

    method.__name__, method.__doc__ = name, f"{out_of_place.__name__}() in place."
    return method


def _caster(name: str) -> Callable[[Tensor], Tensor]:
    wanted = getattr(_dtypes, "bool_" if name == "bool" else name)
    return lambda self: self.to(wanted)


def add_methods(rows: dict[str, Callable[..., Any]]) -> None:
    """Gives torch.Tensor its methods: rows that take a tensor first, and the functions above."""
    for spelling, function in rows.items():
        name = spelling.rpartition(".")[2]
        if name not in vars(Tensor) and name not in ("cat",):
            setattr(Tensor, name, function)
    for function in METHODS:
        setattr(Tensor, function.__name__, function)
    Tensor.absolute, Tensor.multiply, Tensor.clip = Tensor.abs, Tensor.mul, clamp
    Tensor.where = lambda self, condition, other: _where(condition, self, other)
    for method, name in _CASTS.items():
        setattr(Tensor, method, _caster(name))
    for name in ("exp", "sqrt", "neg", "abs", "sigmoid", "tanh", "relu", "clamp", "pow", "log", "square", "masked_fill"):
        setattr(Tensor, name + "_", _in_place(name + "_", getattr(Tensor, name)))
    Tensor.__iter__ = lambda self: iter(unbind(self))
    Tensor.__floordiv__ = lambda self, other: _floor_divide(self, other)
    Tensor.__hash__ = _core.Tensor.__hash__


def _floor_divide(a: Tensor, b: Any) -> Tensor:
    raise NotImplementedError("torch floor division is not supported yet: the engine has no floor row")
