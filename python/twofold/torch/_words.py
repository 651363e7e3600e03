"""PyTorch's words for a row's call that has failed, found from the arguments that it was given.

A rule takes the error and the arguments in the order of the row's spelling, None where one was left out, and gives
PyTorch's exception, or None where it knows nothing better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twofold import _core
from twofold.torch._dtypes import C_TYPES, DTYPES

Rule = Callable[..., Exception | None]


def is_tensor(value: Any) -> bool:
    return isinstance(value, _core.Tensor)


def sizes(t: Any) -> list[int]:
    return list(t._shape)


def legacy(t: Any) -> str:
    return DTYPES[t._dtype]._legacy


def axis_error(rank: int, dim: int) -> IndexError | None:
    """PyTorch's complaint about a dimension that is not there, if it is not."""
    least, most = -max(rank, 1), max(rank, 1) - 1
    if least <= dim <= most:
        return None
    return IndexError(f"Dimension out of range (expected to be in range of [{least}, {most}], but got {dim})")


def listed(dim: Any) -> list[int]:
    return [] if dim is None else [dim] if isinstance(dim, int) else list(dim)


# --- indices ------------------------------------------------------------------------------------------------------
def out_of_bounds(index: Any, dim: int, size: int) -> str:
    values = index.detach().numpy()
    bad = values[(values < -size) | (values >= size)]
    return f"index {bad.flat[0]} is out of bounds for dimension {dim} with size {size}"


def fits(index: list[int], other: list[int], dim: int) -> bool:
    return all(n <= m for k, (n, m) in enumerate(zip(index, other)) if k != dim)


def gather(error: Exception, input: Any, dim: int, index: Any) -> Exception | None:
    if index._dtype not in (4, 5):
        return RuntimeError("gather(): Expected dtype int32/int64 for index")
    if wrong := axis_error(len(input._shape), dim):
        return wrong
    if len(index._shape) != len(input._shape):
        return RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    dim %= len(input._shape)
    for k, (n, m) in enumerate(zip(index._shape, input._shape)):
        if k != dim and n > m:
            return RuntimeError(
                f"Size does not match at dimension {k} expected index {sizes(index)} to be no larger than self "
                f"{sizes(input)} apart from dimension {dim}"
            )
    return RuntimeError(out_of_bounds(index, dim, input._shape[dim]))


def scatter_add(error: Exception, input: Any, dim: int, index: Any, src: Any) -> Exception | None:
    if index._dtype not in (4, 5):
        return RuntimeError("scatter(): Expected dtype int32/int64 for index")
    if input._dtype != src._dtype:
        return RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    rank = len(input._shape)
    if wrong := axis_error(rank, dim) or axis_error(len(src._shape), dim):
        return wrong
    if len(index._shape) != rank or len(src._shape) != rank:
        which = "self" if len(index._shape) != rank else "src"
        return RuntimeError(f"Index tensor must have the same number of dimensions as {which} tensor")
    dim %= rank
    if not fits(sizes(index), sizes(input), dim) or not fits(sizes(index), sizes(src), -1):
        return RuntimeError(
            f"Expected index {sizes(index)} to be no larger than self {sizes(input)} apart from dimension {dim} and to be "
            f"no larger size than src {sizes(src)}"
        )
    if sizes(index) != sizes(src):
        return None
    return RuntimeError(out_of_bounds(index, dim, input._shape[dim]))


def take(error: Exception, input: Any, dim: int, index: Any) -> Exception | None:
    if index._dtype not in (4, 5):
        return RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    return axis_error(len(input._shape), dim) or IndexError("index out of range in self")


def diag_embed(error: Exception, input: Any, offset: int | None, dim1: int | None, dim2: int | None) -> Exception | None:
    rank = len(input._shape) + 1
    return axis_error(rank, -2 if dim1 is None else dim1) or axis_error(rank, -1 if dim2 is None else dim2)


def take_add(error: Exception, input: Any, dim: int, index: Any, source: Any) -> Exception | None:
    if input._dtype != source._dtype:
        return RuntimeError(f"index_add_(): self ({legacy(input)}) and source ({legacy(source)}) must have the same scalar type")
    if wrong := axis_error(len(input._shape), dim):
        return wrong
    dim %= len(input._shape)
    count = index._shape[0] if index._shape else 1
    if len(source._shape) > dim and source._shape[dim] != count:
        return RuntimeError(
            f"index_add_(): Number of indices ({count}) should be equal to source.size(dim): ({source._shape[dim]}), for dim: {dim}"
        )
    if sizes(source)[:dim] + sizes(source)[dim + 1 :] != sizes(input)[:dim] + sizes(input)[dim + 1 :]:
        return RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{sizes(input)} source.shape = {sizes(source)}"
        )
    if len(input._shape) == 1:
        return IndexError("index out of range in self")
    return RuntimeError(out_of_bounds(index, dim, input._shape[dim]))


def select(error: Exception, input: Any, dim: int, index: int) -> Exception | None:
    if not input._shape:
        return IndexError("select() cannot be applied to a 0-dim tensor.")
    if wrong := axis_error(len(input._shape), dim):
        return wrong
    dim %= len(input._shape)
    return IndexError(f"select(): index {index} out of range for tensor of size {sizes(input)} at dimension {dim}")


# --- shapes -------------------------------------------------------------------------------------------------------
def concat(error: Exception, tensors: Any, dim: int | None) -> Exception | None:
    if is_tensor(tensors):
        return TypeError("cat(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    if not tensors:
        return ValueError("torch.cat(): expected a non-empty list of Tensors")
    for k, t in enumerate(tensors):
        if not is_tensor(t):
            return TypeError(f"expected Tensor as element {k} in argument 0, but got {type(t).__name__}")
        if not t._shape:
            return RuntimeError(f"zero-dimensional tensor (at position {k}) cannot be concatenated")
    first, axis = sizes(tensors[0]), dim or 0
    if wrong := axis_error(len(first), axis):
        return wrong
    axis %= len(first)
    for k, t in enumerate(tensors):
        if len(t._shape) != len(first):
            return RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {len(t._shape)}")
        for d, (n, m) in enumerate(zip(first, t._shape)):
            if d != axis and n != m:
                return RuntimeError(
                    f"Sizes of tensors must match except in dimension {axis}. Expected size {n} but got size {m} for "
                    f"tensor number {k} in the list."
                )
    return None


def expand_words(have: Sequence[int], wanted: Sequence[int], of: str) -> str | None:
    """Why a tensor of these sizes is not expanded to those."""
    if len(wanted) < len(have):
        return (
            f"expand(torch.{of}Tensor{{{list(have)}}}, size={list(wanted)}): the number of sizes provided ({len(wanted)}) "
            f"must be greater or equal to the number of dimensions in the tensor ({len(have)})"
        )
    for d in range(len(wanted) - 1, -1, -1):
        k = d - (len(wanted) - len(have))
        if k < 0 and wanted[d] == -1:
            return f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {d}"
        if k >= 0 and wanted[d] != -1 and have[k] not in (1, wanted[d]):
            return (
                f"The expanded size of the tensor ({wanted[d]}) must match the existing size ({have[k]}) at non-singleton "
                f"dimension {d}.  Target sizes: {list(wanted)}.  Tensor sizes: {list(have)}"
            )
    return None


def expand(error: Exception, input: Any, size: Any) -> Exception | None:
    words = expand_words(sizes(input), listed(size), legacy(input))
    return RuntimeError(words) if words else None


def permute(error: Exception, input: Any, dims: Any) -> Exception | None:
    axes, rank = listed(dims), len(input._shape)
    if len(axes) != rank:
        return RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {rank} is not equal to len(dims) = {len(axes)}"
        )
    wrong = next((w for a in axes if (w := axis_error(rank, a))), None)
    return wrong or RuntimeError("permute(): duplicate dims are not allowed.")


# --- reductions and functions -------------------------------------------------------------------------------------
def repeated_axis(rank: int, dim: Any) -> Exception | None:
    seen: set[int] = set()
    for d in listed(dim):
        if wrong := axis_error(rank, d):
            return wrong
        if d % max(rank, 1) in seen:
            return RuntimeError(f"dim {d % rank} appears multiple times in the list of dims")
        seen.add(d % max(rank, 1))
    return None


def reduction(error: Exception, input: Any, dim: Any = None, *_: Any) -> Exception | None:
    return repeated_axis(len(input._shape), dim)


def extreme(function: str, kind: type = IndexError) -> Rule:
    """Of argmax, amax, amin: which must have something to choose from."""

    def rule(error: Exception, input: Any, dim: Any = None, *_: Any) -> Exception | None:
        if wrong := repeated_axis(len(input._shape), dim):
            return wrong
        if input._dtype == 0 and function.startswith("arg"):
            return RuntimeError(f"{function}(): does not support bool input")
        empty = next((d for d in listed(dim) if input._shape and input._shape[d] == 0), None)
        if empty is not None:
            return IndexError(f"{function}(): Expected reduction dim {empty} to have non-zero size.")
        if 0 in input._shape:
            rest = "" if kind is IndexError else " Specify the reduction dim with the 'dim' argument."
            return kind(f"{function}(): Expected reduction dim to be specified for input.numel() == 0.{rest}")
        return None

    return rule


def unimplemented(kernel: str) -> Rule:
    """Of functions that PyTorch has for floats alone."""

    def rule(error: Exception, input: Any, *rest: Any) -> Exception | None:
        if is_tensor(input) and input._dtype < 6:
            return NotImplementedError(f"\"{kernel}\" not implemented for '{legacy(input)}'")
        return None

    return rule


def var(error: Exception, input: Any, dim: Any = None, *_: Any) -> Exception | None:
    if input._dtype < 6:
        return RuntimeError("std and var only support floating point and complex dtypes")
    return repeated_axis(len(input._shape), dim)


def mean(error: Exception, input: Any, dim: Any = None, *_: Any) -> Exception | None:
    if input._dtype < 6:
        return RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {legacy(input)}"
        )
    return repeated_axis(len(input._shape), dim)


def where(error: Exception, condition: Any, *_: Any) -> Exception | None:
    if is_tensor(condition) and condition._dtype != 0:
        return RuntimeError(f"where expected condition to be a boolean tensor, but got a tensor with dtype {legacy(condition)}")
    return None


def _product_dtypes(x: Any, y: Any) -> Exception:
    ranks = (len(x._shape), len(y._shape))
    if ranks == (1, 1):
        return RuntimeError(f"dot : expected both vectors to have same dtype, but found {legacy(x)} and {legacy(y)}")
    if ranks[1] == 1:
        return RuntimeError(f"addmv input tensors must have the same dtype, but got {legacy(y)}, {legacy(x)}, and {legacy(y)}")
    return RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {C_TYPES[x._dtype]} != {C_TYPES[y._dtype]}")


def matmul(error: Exception, x: Any, y: Any) -> Exception | None:
    if not (is_tensor(x) and is_tensor(y)):
        return None
    a, b = sizes(x), sizes(y)
    if not a or not b:
        return RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
    if x._dtype != y._dtype:
        return _product_dtypes(x, y)
    if x._dtype == 0:
        return NotImplementedError("\"addmm_impl_cpu_\" not implemented for 'Bool'")
    if len(a) == len(b) == 1:
        return RuntimeError(
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of elements, but "
            f"got {a[0]} and {b[0]} elements respectively"
        )
    if len(b) == 1:
        return RuntimeError(f"size mismatch, got input ({b[0]}), mat ({a[-2]}x{a[-1]}), vec ({b[0]})") if len(a) == 2 else None
    if a[-1] == b[-2]:
        return None  # the batches do not broadcast
    rows = 1
    for n in a[:-1]:
        rows *= n
    if len(b) > 2:
        rows = a[-2] if len(a) > 1 else 1
    return RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[-2]}x{b[-1]})")


def difference(error: Exception, x: Any, y: Any) -> Exception | None:
    bools = [is_tensor(v) and v._dtype == 0 or isinstance(v, bool) for v in (x, y)]
    if all(bools):
        return RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator "
            "instead."
        )
    if any(bools):
        return RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the "
            "`~` or `logical_not()` operator instead."
        )
    return None


def negation(error: Exception, x: Any) -> Exception | None:
    if x._dtype != 0:
        return None
    return RuntimeError(
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
        "`logical_not()` operator instead."
    )


def power(error: Exception, x: Any, y: Any) -> Exception | None:
    if isinstance(y, int) and y < 0:
        return RuntimeError("Integers to negative integer powers are not allowed.")
    return None


RULES: dict[str, Rule] = {
    "gather": gather, "scatter_add": scatter_add, "take": take, "take_add": take_add, "select": select, "concat": concat,
    "diag_embed": diag_embed,
    "expand": expand, "permute": permute, "sum": reduction, "all": reduction, "any": reduction, "mean": mean, "var": var,
    "amax": extreme("amax", RuntimeError), "amin": extreme("amin", RuntimeError), "argmax": extreme("argmax"),
    "argmin": extreme("argmin"), "prod": reduction,
    "softmax": unimplemented("softmax_kernel_impl"), "log_softmax": unimplemented("log_softmax_kernel_impl"),
    "abs": unimplemented("abs_cpu"), "where": where, "matmul": matmul, "sub": difference, "neg": negation, "pow": power,
}  # fmt: skip


def reworded(row: str, error: Exception, arguments: tuple) -> Exception | None:
    """The exception that PyTorch would raise; its message starts with PyTorch's words, ours follow."""
    rule = RULES.get(row)
    made = rule(error, *arguments) if rule else None
    if made is None:
        return None
    return type(made)(f"{made}\n[twofold] {str(error).rpartition('[twofold] ')[2]}")
