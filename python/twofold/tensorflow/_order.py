"""Sorting, searching, counting."""

from __future__ import annotations

from typing import Any

from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import as_dtype
from twofold.tensorflow._math import cast
from twofold.tensorflow._op import Steps, auxiliary, is_tensor, operands, operation, ranked, refuse, scope_of, shadows
from twofold.tensorflow._sizes import static_ints
from twofold.tensorflow._tensor import Tensor, convert


class TopKV2(tuple):
    """values and indices, as top_k() gives them."""

    values = property(lambda self: self[0])
    indices = property(lambda self: self[1])


def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> TopKV2:  # noqa: A002
    """The k largest elements of each row and where they stand; of equal ones the first."""
    with scope_of(name, "TopKV2", [input]) as scope:
        source, count = convert(input, name="input"), static_ints(k)
        inputs = [source, k if is_tensor(k) else auxiliary("k", k)]
        last = None if source._shape is None else source._shape[-1:]
        if last == ():
            raise refuse("Shape must be at least rank 1 but is rank 0", "TopKV2", scope, inputs)
        if last and last[0] is not None and last[0] < count:
            raise refuse(f"input must have last dimension >= k = {count} but is {last[0]}", "TopKV2", scope, inputs)

        def compute(step: Steps) -> list[Tensor]:
            values, places = step.all("topk", source, k=count)
            return [values, step("cast", places, dtype="int32")]

        return TopKV2(operation("TopKV2", scope, inputs, compute).outputs)


def _in_order(values: Any, axis: Any, direction: str, name: str | None, default: str, output: int) -> Tensor:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError("direction should be either ASCENDING or DESCENDING")
    with scope_of(name, default, [values]):
        source, at = convert(values, name="values"), static_ints(axis)
        auxiliary("axis", axis)
        rising = direction == "ASCENDING"
        shadows(f"{'Neg ' if rising else ''}Shape strided_slice(stack,stack_1,stack_2) Rank")
        swapped = at not in (-1, ranked(source, default) - 1)
        if swapped:
            shadows("transposition transpose")
        with scope_of("TopKV2", "TopKV2") as inner:

            def compute(step: Steps) -> list[Tensor]:
                found, places = step.all("sort", source, axis=at, descending=not rising)
                return [found, step("cast", places, dtype="int32")]

            made = list(operation("TopKV2", inner, [source], compute).outputs)
        if swapped:
            made[output] = _same("transpose_1", "Transpose", made[output])
        if output == 0 and rising:
            return _same("Neg", "Neg", made[0])
        return made[output]


def _same(name: str, kind: str, made: Tensor) -> Tensor:
    """What TensorFlow's last operation gives, where the engine has it already."""
    with scope_of(name, kind) as scope:
        return operation(kind, scope, [made], lambda step: step("identity", made)).outputs[0]


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """The elements along `axis` in order."""
    return _in_order(values, axis, direction, name, "sort", 0)


def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None) -> Tensor:
    """Where the elements along `axis` stand, in their order."""
    return _in_order(values, axis, direction, name, "argsort", 1)


class Unique(tuple):
    """y and idx, as unique() gives them."""

    y = property(lambda self: self[0])
    idx = property(lambda self: self[1])
    count = property(lambda self: self[2])


def _unique(kind: str, outputs: int) -> Any:
    def function(x: Any, out_idx: Any = _dtypes.int32, name: str | None = None) -> Unique:
        with scope_of(name, kind, [x]) as scope:
            source = convert(x, name="x")
            if source._shape is not None and len(source._shape) != 1:
                raise refuse(f"Shape must be rank 1 but is rank {len(source._shape)}", kind, scope, [source])
            wanted = as_dtype(out_idx)

            def compute(step: Steps) -> list[Tensor]:
                values, *places = step.all("unique", source, sorted=False)
                return [values, *(step("cast", p, dtype=wanted._name) for p in places[: outputs - 1])]

            return Unique(operation(kind, scope, [source], compute, out_idx=wanted).outputs)

    return function


unique, unique_with_counts = _unique("Unique", 2), _unique("UniqueWithCounts", 3)
unique.__doc__ = "The distinct elements of a vector in the order of their first appearance, and which of them each element is."
unique_with_counts.__doc__ = "unique(), and how often each appears."


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = _dtypes.int32, name: str | None = None) -> Tensor:
    """Where values belong in rows that are in order: before equal ones ('left') or behind them ('right')."""
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    piece = "strided_slice(stack,stack_1,stack_2)"
    a, b = operands("LowerBound", [("sorted_inputs", sorted_sequence), ("values", values)])
    shadows(f"Shape {piece} Shape {piece} Reshape(shape/0,shape:Pack) Reshape(shape/0,shape:Pack)")
    kind = "LowerBound" if side == "left" else "UpperBound"
    with scope_of(name, kind) as scope:
        found = operation(kind, scope, [a, b], lambda step: step("cast", step("searchsorted", a, b, right=side == "right"), dtype=as_dtype(out_type)._name))
    shadows("Shape")
    return _same("Reshape", "Reshape", found.outputs[0])


def bincount(arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = _dtypes.int32,
             name: str | None = None) -> Tensor:  # fmt: skip
    """How often each number appears; with weights, their sums."""
    with scope_of(name, "bincount", [arr]), scope_of("Bincount", "Bincount") as scope:
        source = cast(convert(arr, name="arr"), _dtypes.int32)
        least, most = static_ints(minlength) or 0, -1 if maxlength is None else static_ints(maxlength)
        weighted = None if weights is None else convert(weights, name="weights")
        wanted = as_dtype(dtype)._name if weighted is None else weighted.dtype._name

        def compute(step: Steps) -> Tensor:
            each = step("ones_like", source) if weighted is None else weighted
            return step("cast", step("bincount", step("reshape", source, shape=[-1]), step("reshape", each, shape=[-1]), minlength=least, maxlength=most), dtype=wanted)

        return operation("Bincount", scope, [source], compute).outputs[0]



