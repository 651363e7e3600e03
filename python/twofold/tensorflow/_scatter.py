"""tf.scatter_update and its kin: operations that change some rows of a variable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold.tensorflow._op import Steps, refuse, scope_of, shape_text
from twofold.tensorflow._tensor import Tensor, convert
from twofold.tensorflow._variables import updated, variable_of

# --- rows named by a vector ---------------------------------------------------------------------------------------
def _added(step: Steps, x: Tensor, index: Tensor, updates: Tensor) -> Tensor:
    return step("take_add", x, index, updates, axis=0)


def _subtracted(step: Steps, x: Tensor, index: Tensor, updates: Tensor) -> Tensor:
    return step("take_add", x, index, step("neg", updates), axis=0)


def _replaced(step: Steps, x: Tensor, index: Tensor, updates: Tensor) -> Tensor:
    """Where an index comes twice, its last update counts: in their order (equal ones keep theirs), the one before another
    index. What is added to -0 keeps its bits."""
    if x.dtype.base_dtype.is_bool:
        bytes_ = [step("cast", t, dtype="uint8") for t in (x, updates)]
        return step("cast", _replaced(step, bytes_[0], index, bytes_[1]), dtype="bool")
    ordered, places = step.all("sort", index, axis=0, descending=False)
    behind = step("searchsorted", ordered, ordered, right=True)
    last = step("eq", step("cast", behind, dtype="int64"), step("cast", step("cumsum", step("ones_like", ordered), axis=0), dtype="int64"))
    nothing = step.number(-0.0 if x.dtype.base_dtype.is_floating else 0, updates)
    kept = step("where", _for_rows(step, last, updates), step("take", updates, places, axis=0), nothing)
    touched = step("take_add", step.constant(np.zeros(x._shape[0], np.int32)), ordered, step("cast", last, dtype="int32"), axis=0)
    cleared = step("where", _for_rows(step, step("cast", touched, dtype="bool"), x), nothing, x)
    return step("take_add", cleared, ordered, kept, axis=0)


def _for_rows(step: Steps, vector: Tensor, x: Tensor) -> Tensor:
    """A vector that says something of each row of x."""
    return step("reshape", vector, shape=[-1] + [1] * (len(x._shape) - 1))


# --- the operations -----------------------------------------------------------------------------------------------
def _scatter(kind: str, change: Callable[..., Tensor], several: bool) -> Callable[..., Tensor]:
    """`several`: a row of indices names an element or slice by several coordinates."""

    def function(ref: Any, indices: Any, updates: Any, use_locking: bool | None = None, name: str | None = None) -> Tensor:
        variable = variable_of(ref)
        with variable.graph.as_default(), scope_of(name, kind) as scope:
            index = convert(indices, name="indices")
            if index.dtype.name not in ("int32", "int64"):
                raise TypeError(f"Value passed to parameter 'indices' has DataType {index.dtype.name} not in list of allowed values: int32, int64")
            given = convert(updates, variable.dtype.base_dtype, name="updates")
            depth = _depth(kind, scope, variable, index, given) if several else 1
            _check(kind, scope, variable, index, given, depth, several)

            def compute(step: Steps) -> list[tuple[Any, Tensor]]:
                return [(variable, _changed(step, variable, index, given, depth, several, change))]

            return updated(kind, scope, variable, [variable.op, index, given], compute, use_locking=use_locking).outputs[0]

    function.__name__ = function.__qualname__ = kind
    return function


def _depth(kind: str, scope: str, variable: Any, index: Tensor, given: Tensor) -> int:
    """How many coordinates a row of indices has."""
    inputs = [variable._snapshot, index, given]
    if index._shape == ():
        raise refuse("Shape must be at least rank 1 but is rank 0", kind, scope, inputs)
    if index._shape is None or index._shape[-1] is None:
        raise NotImplementedError(f"{kind}: the last dimension of indices has to be known while the graph is built")
    if index._shape[-1] > len(variable._cell._shape):
        raise refuse(f"indices name {index._shape[-1]} coordinates of a variable of {len(variable._cell._shape)} dimensions", kind, scope, inputs)
    return index._shape[-1]


def _check(kind: str, scope: str, variable: Any, index: Tensor, given: Tensor, depth: int, several: bool) -> None:
    """Updates have the indices' shape (less the coordinates), then what one of them names."""
    if given._shape is None or index._shape is None:
        return
    whole, outer = variable._cell._shape, index._shape[:-1] if several else index._shape
    inputs, count = [variable._snapshot, index, given], len(outer)
    if not several:
        wrong = _difference(given._shape, (*outer, *whole[1:]))
        if wrong:
            raise refuse(wrong, kind, scope, inputs)
        return
    named = [shape_text(t) for t in inputs]
    wrong = _difference(outer, given._shape[:count])
    if wrong:
        raise refuse(f"The outer {count} dimensions of indices.shape={named[1]} must match the outer {count} dimensions of "
                     f"updates.shape={named[2]}: {wrong}", kind, scope, inputs)  # fmt: skip
    wrong = _difference(whole[depth:], given._shape[count:])
    if wrong:
        raise refuse(f"The inner {len(whole) - depth} dimensions of input.shape={named[0]} must match the inner "
                     f"{len(given._shape) - count} dimensions of updates.shape={named[2]}: {wrong}", kind, scope, inputs)  # fmt: skip


def _difference(a: Sequence[int | None], b: Sequence[int | None]) -> str | None:
    """How two shapes differ, in TensorFlow's words."""
    if len(a) != len(b):
        return f"Shapes must be equal rank, but are {len(a)} and {len(b)}"
    for k, (m, n) in enumerate(zip(a, b)):
        if None not in (m, n) and m != n:
            texts = ("[" + ",".join("?" if d is None else str(d) for d in s) + "]" for s in (a, b))
            return f"Dimension {k} in both shapes must be equal, but are {m} and {n}. Shapes are {' and '.join(texts)}."
    return None


def _changed(step: Steps, variable: Any, index: Tensor, given: Tensor, depth: int, several: bool, change: Callable[..., Tensor]) -> Tensor:
    x, sizes = variable._as_tensor(), list(variable._cell._shape)
    rest = sizes[depth:]
    place = _flat_place(step, index, x, depth) if several else step("within", index, x, axis=0)
    rows = step("reshape", x, shape=[int(np.prod(sizes[:depth], dtype=np.int64)), *rest])
    changed = change(step, rows, step("reshape", place, shape=[-1]), step("reshape", given, shape=[-1, *rest]))
    return step("reshape", changed, shape=sizes)


def _flat_place(step: Steps, index: Tensor, x: Tensor, depth: int) -> Tensor:
    """Where a row of coordinates stands among the first dimensions, counted in order."""
    place = None
    for k in range(depth):
        at = step("within", step("select", index, axis=len(index._shape) - 1, index=k), x, axis=k)
        place = at if place is None else step("add", step("mul", place, step.number(x._shape[k], at)), at)
    return place


scatter_update, scatter_nd_update = _scatter("ScatterUpdate", _replaced, False), _scatter("ScatterNdUpdate", _replaced, True)
scatter_add, scatter_nd_add = _scatter("ScatterAdd", _added, False), _scatter("ScatterNdAdd", _added, True)
scatter_sub, scatter_nd_sub = _scatter("ScatterSub", _subtracted, False), _scatter("ScatterNdSub", _subtracted, True)
scatter_update.__doc__ = "ref[indices] = updates when the result runs, the variable's value afterwards; of equal indices the last counts."
scatter_add.__doc__, scatter_sub.__doc__ = ("ref[indices] += updates when the result runs; equal indices add up.",
                                            "ref[indices] -= updates when the result runs; equal indices add up.")  # fmt: skip
scatter_nd_update.__doc__ = "scatter_update() of elements or slices named by rows of coordinates."
scatter_nd_add.__doc__, scatter_nd_sub.__doc__ = "scatter_add() by rows of coordinates.", "scatter_sub() by rows of coordinates."
