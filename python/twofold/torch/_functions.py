"""torch.sum, torch.cat, ...: the engine's rows under PyTorch's names, and what is written with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from twofold import _core
from twofold.torch import _dtypes, _layout, _ordering
from twofold.torch import _elementwise as elementwise
from twofold.torch._creation import full_like, get_default_dtype
from twofold.torch._dtypes import dtype
from twofold.torch._in_place import add_in_place_methods
from twofold.torch._tensor import Tensor, row

# --- rows ---------------------------------------------------------------------------------------------------------
# By hand below, because PyTorch's function does more than the row.
_BY_HAND = {"full", "arange", "cast", "zeros_like", "ones_like", "view", "cond", "while_loop", "slice", "uniform",
            "uniform_like", "normal", "random_integers", "bernoulli", "sum", "var", "squeeze", "expand", "reshape",
             "permute", "argmax", "argmin", "prod", "cumsum", "cumprod", "pad", "std", "norm", "logsumexp", "sort", "argsort",
             "topk", "unique", "searchsorted", "bincount", "one_hot", "masked_select", "repeat_interleave", "trace", "eye",
             "linspace", "where", "detach", "cross_entropy", "gather", "dropout", *elementwise.ROWS}  # fmt: skip


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
_gather, _concat = row("gather", "gather(input, dim, index)"), row("concat", "cat(tensors, dim)")
_slice = row("slice")
_maximum, _minimum = row("maximum"), row("minimum")
_sqrt, _abs, _square = row("sqrt"), row("abs"), row("square")
_add, _mul, _sub, _div = row("add"), row("mul"), row("sub"), row("div")
_all, _any, _ne = row("all"), row("any"), row("ne")

# --- arithmetic ---------------------------------------------------------------------------------------------------
def add(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    return _add(input, other if alpha == 1 else other * alpha)


def sub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
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


def std(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> Tensor:
    return _spread(_std, input, dim, unbiased, keepdim, correction)


def _with_mean(spread: Callable, input: Tensor, dim: Any, unbiased: bool, keepdim: bool, correction: int | None) -> tuple:
    found = spread(input, dim, unbiased, keepdim, correction=correction)
    return found, _mean(input, None if isinstance(dim, bool) else dim, keepdim)


def std_mean(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> tuple:
    return _with_mean(std, input, dim, unbiased, keepdim, correction)


def var_mean(input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None) -> tuple:
    return _with_mean(var, input, dim, unbiased, keepdim, correction)


def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """sum(|x|^p)^(1/p); 2 unless told, the largest |x| for an infinite p."""
    if p == "nuc":
        raise NotImplementedError("torch.norm with p='nuc' is not supported yet")
    if not input.is_floating_point():
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {input.dtype._legacy}")
    return _in_dtype(_norm, input, dtype, 2.0 if p in ("fro", None) else p, dim, keepdim)


def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """log(sum(exp(x))) over `dim`, in range whatever the size of x."""
    source = input if input.is_floating_point() else input.to(get_default_dtype())
    if 0 in (source._shape or ()):  # there is no largest element; the sum of nothing is 0
        return _log(_sum(_exp(source), dim, keepdim))
    return _logsumexp(source, dim, keepdim)


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    return _all(elementwise.truth(input), dim, keepdim)


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    return _any(elementwise.truth(input), dim, keepdim)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    return bool(all(_abs(input - other) <= atol + rtol * _abs(other)))


def equal(input: Tensor, other: Tensor) -> bool:
    return input.shape == other.shape and bool(all(input == other))


# --- shapes and indices -------------------------------------------------------------------------------------------
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


def t(input: Tensor) -> Tensor:
    if input.dim() > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.dim()}D")
    return input.transpose(0, 1) if input.dim() == 2 else input


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    return _slice(input, dim, start, start + length)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    return _where(mask, full_like(input, value), input)


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


# Functions that are methods too, beside the rows.
METHODS = [*elementwise.FUNCTIONS, add, sub, sum, prod, cumsum, cumprod, var, std, norm, logsumexp, all, any, allclose, equal,
           gather, split, chunk, unbind, t, narrow, masked_fill, mm, bmm, dot, addmm, *_ordering.METHODS, *_layout.METHODS]  # fmt: skip
FUNCTIONS = [*METHODS, std_mean, var_mean, *_ordering.FUNCTIONS, *_layout.FUNCTIONS]
_CASTS = {"bool": "bool", "byte": "uint8", "char": "int8", "short": "int16", "int": "int32", "long": "int64",
          "half": "float16", "bfloat16": "bfloat16", "float": "float32", "double": "float64"}  # fmt: skip


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
    for name, same in elementwise.ALIASES.items():
        setattr(Tensor, name, rows[same])
    Tensor.clip, Tensor.subtract, Tensor.divide, Tensor.true_divide = elementwise.clamp, sub, elementwise.div, elementwise.div
    Tensor.moveaxis, Tensor.swapaxes, Tensor.swapdims = Tensor.movedim, Tensor.transpose, Tensor.transpose
    Tensor.where = lambda self, condition, other: _where(condition, self, other)
    for method, name in _CASTS.items():
        setattr(Tensor, method, _caster(name))
    Tensor.__iter__ = lambda self: iter(unbind(self))
    Tensor.__hash__ = _core.Tensor.__hash__
    add_in_place_methods()
