"""Shapes, pieces, indices, filled tensors."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import TensorShape, as_dtype
from twofold.tensorflow._math import cast
from twofold.tensorflow._op import ROWS, Steps, asked_of, auxiliary, dtype_of, is_tensor, operands, operation, ranked, refuse, scope_of, shadows, shape_text
from twofold.tensorflow._sizes import Told, constant_value, sizes_in, static_ints
from twofold.tensorflow._tensor import Tensor, constant, convert, pack, sizes_array, unequal
from twofold.tensorflow.errors import InvalidArgumentError

identity = ROWS["identity"]


def sizes_argument(value: Any, name: str) -> tuple[Any, list[int] | Told]:
    """A shape argument as the node's input, and what is known of it."""
    if is_tensor(value) or (isinstance(value, (list, tuple)) and any(is_tensor(v) for v in value)):
        node_input: Any = convert(value, name=name)
    else:
        node_input = auxiliary(name, sizes_array(static_ints(value)))
    return node_input, sizes_in(node_input)


# --- sizes --------------------------------------------------------------------------------------------------------
def _source(input: Any) -> Tensor:
    return convert(input)


def shape(input: Any, name: str | None = None, out_type: Any = _dtypes.int32) -> Tensor:  # noqa: A002
    """The sizes as a tensor: a constant where they are known, else what the run finds."""
    wanted = as_dtype(out_type)
    with scope_of(name, "Shape", [input]) as scope:
        source = _source(input)
        if source.shape.is_fully_defined():
            return constant(source._shape, wanted, name=scope)
        return operation("Shape", scope, [source], lambda step: step("shape_of", source, dtype=wanted._name)).outputs[0]


def rank(input: Any, name: str | None = None) -> Tensor:  # noqa: A002
    """The number of dimensions."""
    with scope_of(name, "Rank", [input]) as scope:
        source = _source(input)
        if source._shape is not None:
            return constant(len(source._shape), _dtypes.int32, name=scope)
        return operation("Rank", scope, [source], lambda step: step("count", step("shape_of", source), axes=[], dtype="int32")).outputs[0]


def size(input: Any, name: str | None = None, out_type: Any = _dtypes.int32) -> Tensor:  # noqa: A002
    """The number of elements."""
    wanted = as_dtype(out_type)
    with scope_of(name, "Size", [input]) as scope:
        source = _source(input)
        if source.shape.is_fully_defined():
            return constant(source.shape.num_elements(), wanted, name=scope)
        return operation("Size", scope, [source], lambda step: step("count", source, axes=[], dtype=wanted._name)).outputs[0]


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """The same elements in another shape; one -1 is worked out."""
    with scope_of(name, "Reshape", [tensor, shape]) as scope:
        source = convert(tensor, name="tensor")
        node_input, sizes = sizes_argument(shape, "shape")
        inputs = [source, node_input]
        if isinstance(sizes, Told):
            return operation("Reshape", scope, inputs, lambda step: step("reshape_to", source, sizes.tensor, hint=sizes.hint)).outputs[0]
        _check_count(scope, source, sizes, inputs)
        return operation("Reshape", scope, inputs, lambda step: step("reshape", source, shape=sizes)).outputs[0]


def _check_count(scope: str, source: Tensor, sizes: list[int], inputs: list[Any]) -> None:
    wanted, have = int(np.prod([n for n in sizes if n != -1], dtype=np.int64)), source.shape.num_elements()
    if have is None or (wanted == have if -1 not in sizes else wanted and have % wanted == 0):
        return
    text = ",".join("?" if n == -1 else str(n) for n in sizes)
    words = (f"Cannot reshape a tensor with {have} elements to shape [{text}] ({wanted} elements)" if -1 not in sizes else
             f"Dimension size must be evenly divisible by {wanted} but is {have}")  # fmt: skip
    raise refuse(words, "Reshape", scope, inputs)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:  # noqa: A002
    """Copies along dimensions of size 1, and new leading dimensions."""
    with scope_of(name, "BroadcastTo", [input, shape]) as scope:
        source = convert(input, name="input")
        node_input, sizes = sizes_argument(shape, "shape")
        return operation("BroadcastTo", scope, [source, node_input], lambda step: spread(step, source, sizes)).outputs[0]


def spread(step: Steps, value: Tensor, sizes: list[int] | Told) -> Tensor:
    if isinstance(sizes, Told):
        return step("expand_to", value, sizes.tensor, hint=sizes.hint)
    return step("identity", step("expand", value, shape=sizes))


def transpose(a: Any, perm: Any = None, name: str = "transpose", conjugate: bool = False) -> Tensor:
    """Axis i of the result is axis perm[i] of `a`; by default their order is reversed."""
    with scope_of(name, "transpose", [a]) as scope:
        source = convert(a, name="a")
        if perm is None and source._shape is None:
            raise NotImplementedError("transpose() of a tensor of unknown rank needs `perm`")
        axes = list(builtins.range(len(source._shape) - 1, -1, -1)) if perm is None else static_ints(perm)
        node_input = perm if is_tensor(perm) else auxiliary("perm", np.array(axes, np.int32))
        inputs = [source, node_input]
        if source._shape is not None and len(axes) != len(source._shape):
            raise refuse(f"Dimension must be {len(source._shape)} but is {len(axes)}", "Transpose", scope, inputs)
        for k in axes:
            if not -len(axes) <= k < len(axes):
                raise refuse(f"perm dim {k} is out of range of input rank {len(axes)}", "Transpose", scope, inputs)
        return operation("Transpose", scope, inputs, lambda step: step("permute", source, axes=axes)).outputs[0]


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """The last two dimensions exchanged."""
    with scope_of(name, "matrix_transpose", [a]):
        source = convert(a, name="a")
        if source._shape is None or len(source._shape) < 2:
            raise ValueError(f"Argument 'a' should be a (batch) matrix, with rank >= 2.  Found: {source.shape}")
        last = len(source._shape)
        return transpose(source, [*builtins.range(last - 2), last - 1, last - 2])


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:  # noqa: A002
    """A new dimension of size 1 at `axis`."""
    at = dim if axis is None else axis
    if at is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    with scope_of(name, "ExpandDims", [input]) as scope:
        source, place = convert(input, name="input"), static_ints(at)
        place = place[0] if isinstance(place, list) else place
        inputs = [source, at if is_tensor(at) else auxiliary("dim", at)]
        rank_ = None if source._shape is None else len(source._shape)
        if rank_ is not None and not -rank_ - 1 <= place <= rank_:
            raise refuse(f"dim {place} not in the interval [{-rank_ - 1}, {rank_}].", "ExpandDims", scope, inputs)
        return operation("ExpandDims", scope, inputs, lambda step: step("unsqueeze", source, axis=place)).outputs[0]


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:  # noqa: A002
    """Drops dimensions of size 1: those named, or all."""
    chosen = static_ints(squeeze_dims if axis is None else axis)
    chosen = [chosen] if isinstance(chosen, int) else chosen
    with scope_of(name, "Squeeze", [input]) as scope:
        source = convert(input, name="input")
        ranked(source, "squeeze")
        known = source._shape
        for k in chosen or ():
            if not -len(known) <= k < len(known):
                raise refuse(f"Tried to squeeze dim index {k} for tensor with {len(known)} dimensions.", "Squeeze", scope, [source])
        axes = sorted({k % len(known) for k in chosen}) if chosen else [k for k, n in enumerate(known) if n == 1]
        for k in axes:
            if known[k] not in (1, None):
                raise refuse(f"Can not squeeze dim[{k}], expected a dimension of 1, got {known[k]}", "Squeeze", scope, [source])
        return operation("Squeeze", scope, [source], lambda step: _squeezed(step, source, axes), squeeze_dims=chosen or []).outputs[0]


def _squeezed(step: Steps, source: Tensor, axes: list[int]) -> Tensor:
    for k in sorted(axes, reverse=True):
        source = step("squeeze", source, axis=k)
    return source if axes else step("identity", source)


# --- putting together, taking apart -------------------------------------------------------------------------------
def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """Tensors one after the other along `axis`."""
    listed = list(values) if isinstance(values, (list, tuple)) else [values]
    with scope_of(name, "concat", listed) as scope:
        if len(listed) == 1:
            auxiliary("concat_dim", axis)
            return identity(listed[0], name=name)
        parts = listed_operands("ConcatV2", "values", listed)
        node_input = axis if is_tensor(axis) else auxiliary("axis", axis)
        inputs, at = [*parts, node_input], static_ints(axis)
        _check_ranks(scope, parts, at, inputs)
        return operation("ConcatV2", scope, inputs, lambda step: step("concat", *parts, axis=at)).outputs[0]


def listed_operands(kind: str, name: str, values: Sequence[Any]) -> list[Tensor]:
    """A list of one dtype, that of its first tensor; numbers become constants called values_0, ..."""
    first = next((dtype_of(v) for v in values if is_tensor(v)), None)
    parts = [convert(v, asked_of(v, first), name=f"{name}_{k}") for k, v in enumerate(values)]
    if any(t._dtype != parts[0]._dtype for t in parts):
        listed = ", ".join(t.dtype.name for t in parts)
        raise TypeError(f"Tensors in list passed to '{name}' of '{kind}' Op have types [{listed}] that don't all match.")
    return parts


def _check_ranks(scope: str, parts: list[Tensor], at: int, inputs: list[Any]) -> None:
    ranks = {len(t._shape) for t in parts if t._shape is not None}
    if len(ranks) > 1:
        a, b = len(parts[0]._shape), next(len(t._shape) for t in parts if len(t._shape) != len(parts[0]._shape))
        raise refuse(f"Shape must be rank {a} but is rank {b}", "ConcatV2", scope, inputs)
    for t in parts[1:] if ranks else ():
        first, other = ([n for k, n in enumerate(p._shape or ()) if k != at % len(p._shape)] for p in (parts[0], t))
        if any(None not in (m, n) and m != n for m, n in zip(first, other)):
            raise refuse(unequal(first, other), "ConcatV2", scope, inputs)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Tensors of one shape along a new axis."""
    if axis == 0:
        return convert(values, name=name)
    with scope_of(name, "stack", list(values)) as scope:
        return pack(listed_operands("Pack", "values", values), axis, scope)


def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    return stack(values, 0, name)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """The slices along an axis, as a list."""
    source = convert(value) if num is None else value
    with scope_of(name, "unstack", [source]) as scope:
        source = convert(source, name="value")
        count = source._shape[axis] if num is None and source._shape is not None else num
        if count is None:
            raise ValueError(f"Cannot infer num from shape {source.shape}")
        return operation("Unpack", scope, [source], lambda step: [step("select", source, axis=axis, index=k) for k in builtins.range(count)], axis=axis).outputs


def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: str = "split") -> list[Tensor]:
    """Equal pieces (a number of them), or pieces of these sizes."""
    sizes = num_or_size_splits
    told = sizes if is_tensor(sizes) else auxiliary("Const", sizes)
    known = static_ints(sizes)
    at = static_ints(axis)
    with scope_of(name, "split", [value]) as scope:
        split_dim = None if isinstance(known, list) else as_input(axis, "split_dim")
        source = convert(value, name="value")
        if split_dim is None:
            split_dim = as_input(axis, "split_dim")
            inputs, kind = [source, told, split_dim], "SplitV"
        else:
            inputs, kind = [split_dim, source], "Split"
        pieces = _piece_sizes(kind, scope, source, known, at, inputs)
        made = operation(kind, scope, inputs, lambda step: _pieces(step, source, at, pieces)).outputs
        for t, n in zip(made, pieces):
            if t._shape is not None and n >= 0:
                t.set_shape([n if k == at % len(t._shape) else size for k, size in enumerate(t._shape)])
        return made


def as_input(value: Any, name: str) -> Any:
    return value if is_tensor(value) else auxiliary(name, value)


def _piece_sizes(kind: str, scope: str, source: Tensor, known: Any, axis: int, inputs: list[Any]) -> list[int]:
    length = None if source._shape is None else source._shape[axis]
    if isinstance(known, list):
        if -1 in known and length is not None:
            known = [length - builtins.sum(n for n in known if n != -1) if n == -1 else n for n in known]
        if -1 not in known and length is not None and builtins.sum(known) != length:
            raise refuse(f"can't split axis of size {length} into pieces of size [{','.join(map(str, known))}]", kind, scope, inputs)
        return known
    if length is None:
        raise NotImplementedError("tf.split of a dimension that only a run knows into a number of pieces; give their sizes")
    if length % known:
        raise refuse(f"Dimension size must be evenly divisible by {known} but is {length}", kind, scope, inputs)
    return [length // known] * known


def _pieces(step: Steps, source: Tensor, axis: int, sizes: list[int]) -> list[Tensor]:
    """What stands behind a piece of unknown size is counted from the end."""
    out, begin = [], 0
    for k, n in enumerate(sizes):
        if n == -1:
            begin = -builtins.sum(sizes[k + 1 :])
            out.append(step("slice", source, axis=axis, start=builtins.sum(sizes[:k]), **({"stop": begin} if begin else {})))
        else:
            out.append(_piece(step, source, axis, begin, n))
            begin += n
    return out


def _piece(step: Steps, source: Tensor, axis: int, begin: int, count: int) -> Tensor:
    """`count` elements; where only the run knows how many there are, it refuses too few."""
    if count and (source._shape is None or source._shape[axis] is None):
        return step("take", source, step.constant(np.arange(begin, begin + count)), axis=axis)
    end = {} if begin + count == 0 else {"stop": begin + count}
    return step("slice", source, axis=axis, start=begin, **end)


def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:  # noqa: A002
    """`multiples[k]` copies along axis k."""
    with scope_of(name, "Tile", [input, multiples]) as scope:
        source = convert(input, name="input")
        node_input, counts = sizes_argument(multiples, "multiples")
        inputs = [source, node_input]
        if isinstance(counts, Told):
            return operation("Tile", scope, inputs, lambda step: _tile_told(step, source, counts.tensor)).outputs[0]
        if source._shape is not None and len(source._shape) != len(counts):
            raise refuse(f"Shape must be rank {len(source._shape)} but is rank {len(counts)}", "Tile", scope, inputs)
        return operation("Tile", scope, inputs, lambda step: step("tile", source, counts=counts)).outputs[0]


def _tile_told(step: Steps, source: Tensor, counts: Tensor) -> Tensor:
    """[a, b] becomes [1, a, 1, b], broadcast to [m, a, n, b], seen as [m * a, n * b]."""
    rank_ = len(source._shape)
    sizes = step("shape_of", source, dtype=counts.dtype._name)
    pairs = step("concat", *[step("unsqueeze", t, axis=1) for t in (counts, sizes)], axis=1)
    apart = source
    for k in builtins.range(rank_):
        apart = step("unsqueeze", apart, axis=2 * k)
    copies = step("expand_to", apart, step("reshape", pairs, shape=[-1]), hint=[])
    return step("reshape_to", copies, step("mul", counts, sizes), hint=[-1] * rank_)


# --- indices ------------------------------------------------------------------------------------------------------
def gather(params: Any, indices: Any, validate_indices: Any = None, name: str | None = None, axis: Any = None,
           batch_dims: int = 0) -> Tensor:  # fmt: skip
    """Slices of params at `indices` along `axis`."""
    if batch_dims != 0:
        raise NotImplementedError("tf.gather with batch_dims is not supported yet; tf.batch_gather takes one batch dimension")
    at = 0 if axis is None else axis
    with scope_of(name, "GatherV2", [params, indices]) as scope:
        source, index = convert(params, name="params"), convert(indices, name="indices")
        inputs, place = [source, index, as_input(at, "axis")], static_ints(at)
        if source._shape is not None and not len(source._shape):
            raise refuse("Shape must be at least rank 1 but is rank 0", "GatherV2", scope, inputs)
        return operation("GatherV2", scope, inputs, lambda step: step("take", source, step("within", index, source, axis=place), axis=place)).outputs[0]


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """params[b..., indices[b..., k]]: indices into the last dimension that both have."""
    with scope_of(name, "BatchGather", [params, indices]):
        index, source = convert(indices, name="indices"), convert(params, name="params")
        if index._shape is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        at, piece = len(index._shape) - 1, "strided_slice(stack,stack_1,stack_2)"
        shadows("Shape Shape ones Cast")
        for dim in range(at, 0, -1):
            sizes = ",".join([str(k) for k in range(at + 1) if k != dim - 1])
            shadows(f"{piece} {piece} mul zeros ones Range mul stack({sizes}) Reshape add")
        shadows(f"Reshape(shape) {piece} {piece} Prod(reduction_indices) concat(values_0,axis) Reshape GatherV2(axis) concat(axis)")
        with scope_of("Reshape", "Reshape") as inner:
            return operation("Reshape", inner, [source, index], lambda step: step("gather", source, index, axis=at)).outputs[0]


def gather_nd(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """The elements or slices of params that the rows of indices name."""
    with scope_of(name, "GatherNd", [params, indices]) as scope:
        source, index = convert(params, name="params"), convert(indices, name="indices")
        return operation("GatherNd", scope, [source, index], lambda step: step("gather_nd", source, index)).outputs[0]


def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """Zeros of `shape` with the updates added at the places that the rows of indices name."""
    with scope_of(name, "ScatterNd", [indices, updates, shape]) as scope:
        index, values = convert(indices, name="indices"), convert(updates, name="updates")
        sizes = convert(shape, asked_of(shape, index.dtype), name="shape")
        known = sizes_in(sizes)
        hint = known.hint if isinstance(known, Told) else known
        return operation("ScatterNd", scope, [index, values, sizes], lambda step: step("scatter_nd", index, values, sizes, hint=hint)).outputs[0]


def one_hot(indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: Any = None, dtype: Any = None,
            name: str | None = None) -> Tensor:  # fmt: skip
    """on_value at the class that each index names, off_value elsewhere, along a new axis (the last by default)."""
    with scope_of(name, "one_hot", [indices, on_value, off_value]) as scope:
        kinds = [_dtype_given(v) for v in (on_value, off_value)]
        given = next((d for d in kinds if d is not None), None)
        wanted = as_dtype(dtype or given or _dtypes.float32)
        for label, value, mine in zip(("on_value", "off_value"), (on_value, off_value), kinds):
            if is_tensor(value) and mine.base_dtype != wanted:
                raise TypeError(f"dtype {mine} of {label} does not match dtype parameter {wanted}")
        on = convert(1, wanted, name="on_value") if on_value is None else None
        off = convert(0, wanted, name="off_value") if off_value is None else None
        source = convert(indices, preferred=_dtypes.int64, name="indices")
        node_input, classes = as_input(depth, "depth"), static_ints(depth)
        on = convert(on_value, wanted, name="on_value") if on is None else on
        off = convert(off_value, wanted, name="off_value") if off is None else off
        inputs = [source, node_input, on, off]
        at = -1 if axis is None else static_ints(axis)
        if isinstance(classes, int) and classes < 0:
            raise refuse(f"Dimension size, given by scalar input 1, must be non-negative but is {classes}", "OneHot", scope, inputs)
        rank = ranked(source, "one_hot") + 1
        if not -1 <= at < rank:
            raise InvalidArgumentError(None, None, f"Expected axis to be -1 or between [0, {rank}).  But received: {at}")

        def compute(step: Steps) -> Tensor:
            numbers = step.constant(np.arange(classes, dtype=source.dtype._name))
            chosen = step("where", step("eq", step("unsqueeze", source, axis=-1), numbers), on, off)
            last = len(chosen._shape) - 1
            if at in (-1, last):
                return chosen
            axes = list(builtins.range(last))
            axes.insert(at, last)
            return step("permute", chosen, axes=axes)

        return operation("OneHot", scope, inputs, compute, axis=at).outputs[0]


def _dtype_given(value: Any) -> Any:
    """The dtype that a value says for itself; a number becomes a constant to find out."""
    if value is None:
        return None
    if dtype_of(value) is None:
        auxiliary("Const", value)
        return _dtypes.float32 if isinstance(value, float) else _dtypes.int32
    return dtype_of(value)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """x where the condition holds, else y; with one argument, the indices where it holds."""
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    if x is None:
        with scope_of(name, "Where", [condition]) as scope:
            test = convert(condition, name="condition")
            return operation("Where", scope, [test], lambda step: step("nonzero", test)).outputs[0]
    with scope_of(name, "Select", [condition, x, y]) as scope:
        test = convert(condition, name="condition")
        a, b = operands("Select", [("t", x), ("e", y)])
        _check_select(scope, test, a, b)
        return operation("Select", scope, [test, a, b], lambda step: step("where", _rows(step, test, a), a, b)).outputs[0]


def _check_select(scope: str, test: Tensor, a: Tensor, b: Tensor) -> None:
    """No broadcasting, but a vector of conditions picks rows."""
    if not a.shape.is_compatible_with(b.shape):
        raise refuse(_unequal(a, b), "Select", scope, [test, a, b])
    if test._shape is None or a._shape is None or test.shape.is_compatible_with(a.shape) or test._shape == ():
        return
    if len(test._shape) != 1 or test._shape[0] not in (a._shape[0] if a._shape else None, None):
        raise refuse(_unequal(test, a), "Select", scope, [test, a, b])


def _unequal(a: Tensor, b: Tensor) -> str:
    if len(a._shape or ()) != len(b._shape or ()):
        return f"Shapes must be equal rank, but are {len(a._shape or ())} and {len(b._shape or ())}"
    k, m, n = next((k, m, n) for k, (m, n) in enumerate(zip(a._shape, b._shape)) if m != n)
    return f"Dimension {k} in both shapes must be equal, but are {m} and {n}. Shapes are {shape_text(a)} and {shape_text(b)}."


def _rows(step: Steps, test: Tensor, a: Tensor) -> Tensor:
    if test._shape is not None and a._shape is not None and len(test._shape) == 1 < len(a._shape):
        return step("reshape", test, shape=[*(-1 if n is None else n for n in test._shape), *[1] * (len(a._shape) - 1)])
    return test


def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask", axis: Any = None) -> Tensor:
    """The elements or slices of tensor where the mask holds, one after the other."""
    with scope_of(name, "boolean_mask", [tensor, mask]):
        source, test = convert(tensor, name="tensor"), convert(mask, name="mask")
        at, masked = static_ints(axis) or 0, len(test._shape or ())
        if masked == 0:
            raise ValueError("mask cannot be scalar.")
        known = source._shape
        if known is not None and not TensorShape(known[at : at + masked]).is_compatible_with(test.shape):
            raise ValueError(f"Shapes {TensorShape(known[at : at + masked])} and {test.shape} are incompatible")
        _mask_nodes()
        sizes = [-1 if n is None else n for n in known]
        flat = [*sizes[:at], -1, *sizes[at + masked :]]

        def compute(step: Steps) -> Tensor:
            places = step("select", step("nonzero", step("reshape", test, shape=[-1])), axis=1, index=0)
            return step("take", step("reshape", source, shape=flat), places, axis=at)

        with scope_of("GatherV2", "GatherV2") as inner:
            return operation("GatherV2", inner, [source, auxiliary("axis", 0)], compute).outputs[0]


def _mask_nodes() -> None:
    """What TensorFlow makes on the way: the masked dimensions as one, and the places where the mask holds."""
    piece = "strided_slice(stack,stack_1,stack_2)"
    shadows(f"Shape {piece} Prod(reduction_indices) Shape {piece} Shape {piece} concat(values_1,axis) Reshape Reshape(shape) Where Squeeze")


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """`size` elements from `begin` on in every dimension; -1 takes the rest."""
    with scope_of(name, "Slice", [input_, begin, size]) as scope:
        source = convert(input_, name="input")
        starts, first = sizes_argument(begin, "begin")
        counts, wanted = sizes_argument(size, "size")
        if isinstance(first, Told) or isinstance(wanted, Told):
            raise NotImplementedError("tf.slice with bounds that only a run knows is not supported yet")
        inputs = [source, starts, counts]
        _check_slice(scope, source, first, wanted, inputs)
        made = operation("Slice", scope, inputs, lambda step: _sliced(step, source, first, wanted)).outputs[0]
        if made._shape is not None:
            made.set_shape([size if n == -1 else n for n, size in zip(wanted, made._shape)])
        return made


def _check_slice(scope: str, source: Tensor, first: list[int], wanted: list[int], inputs: list[Any]) -> None:
    if source._shape is None:
        return
    if len(first) != len(source._shape):
        raise refuse(f"Shape must be rank {len(first)} but is rank {len(source._shape)}", "Slice", scope, inputs)
    for b, n, have in zip(first, wanted, source._shape):
        if have is not None and n != -1 and not 0 <= b <= b + n <= have:
            raise refuse(f"Expected size[{first.index(b)}] in [0, {have - b}], but got {n}", "Slice", scope, inputs)


def _sliced(step: Steps, source: Tensor, first: list[int], wanted: list[int]) -> Tensor:
    out = source
    for k, (b, n) in enumerate(zip(first, wanted)):
        if n != -1:
            out = _piece(step, out, k, b, n)
        elif b:
            out = step("slice", out, axis=k, start=b)
    return out if out is not source else step("identity", source)


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:  # noqa: A002
    """A tensor that may be fed; its default otherwise."""
    with scope_of(name, "PlaceholderWithDefault", [input]) as scope:
        source = convert(input, name="input")
        known = TensorShape(shape)
        made = operation("PlaceholderWithDefault", scope, [source], lambda step: step("identity", source), shape=known).outputs[0]
        _core.refine_shape(made, known._sizes)
        return made


def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """Where each number is found: y[x[i]] = i."""
    with scope_of(name, "InvertPermutation", [x]) as scope:
        source = convert(x, name="x")

        def compute(step: Steps) -> Tensor:
            places = step("unsqueeze", source, axis=1)
            sizes = step("shape_of", source, dtype="int64")
            numbers = step.constant(np.arange(source._shape[0], dtype=source.dtype._name))
            return step("scatter_nd", places, numbers, sizes, hint=list(source._shape))

        return operation("InvertPermutation", scope, [source], compute).outputs[0]


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0) -> Tensor:
    """`paddings[k]` more elements before and behind along axis k: constant, 'REFLECT' or 'SYMMETRIC'."""
    kind = mode.upper()
    if kind not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise ValueError(f"Unknown padding mode: {mode}")
    zero = not is_tensor(constant_values) and constant_values == 0
    node = "MirrorPad" if kind != "CONSTANT" else "Pad" if zero else "PadV2"
    with scope_of(name, node, [tensor]) as scope:
        source = convert(tensor, name="tensor" if node != "MirrorPad" else "input")
        inputs = [source, as_input(paddings, "paddings")]
        if node == "PadV2":
            inputs.append(as_input(constant_values, "constant_values"))
        pairs = [list(p) for p in static_ints(paddings)]
        if source._shape is not None and len(pairs) != len(source._shape):
            raise refuse(f"Shape must be rank {len(pairs)} but is rank {len(source._shape)}", node, scope, inputs)
        low, high = [p[0] for p in pairs], [p[1] for p in pairs]
        value = float(constant_value(convert(constant_values)) if is_tensor(constant_values) else constant_values)
        return operation(node, scope, inputs, lambda step: step("pad", source, low=low, high=high, mode=kind.lower(), value=value), mode=kind.encode()).outputs[0]


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = _dtypes.bool_, name: str | None = None) -> Tensor:
    """A row for each length: that many True, then False, `maxlen` in all (the longest by default)."""
    from twofold.tensorflow._fill import range as range_

    with scope_of(name, "SequenceMask", [lengths]):
        counts = convert(lengths)
        longest = ROWS["reduce_max"](counts) if maxlen is None else convert(maxlen)
        first, step = convert(0, longest.dtype), convert(1, longest.dtype)
        places = range_(first, longest, step, name="Range")
        column = expand_dims(counts, -1)
        with scope_of("Cast", "Cast", [column]) as inner:
            column = operation("Cast", inner, [column], lambda step: step("cast", column, dtype=longest.dtype._name)).outputs[0]
        mask = ROWS["less"](places, column)
        return mask if as_dtype(dtype).is_bool else cast(mask, dtype)
