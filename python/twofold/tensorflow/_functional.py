"""tf.map_fn, tf.foldl, tf.foldr, tf.scan: a function applied along the first dimension, in a loop.

TensorFlow keeps the elements and the results of such a loop in TensorArrays. Here an element is a row that is taken, and
the results are what the engine's loop keeps of its variables anyway, to differentiate it: their values before each
iteration.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import errors
from twofold.tensorflow._array import shape
from twofold.tensorflow._dtypes import DType, TensorShape, as_dtype
from twofold.tensorflow._flow import _flat, _nodes, _packed, _Rounds, _Traced
from twofold.tensorflow._graph import Branch, Graph, Operation, get_default_graph
from twofold.tensorflow._op import Steps, auxiliary, operation, scope_of, shadows
from twofold.tensorflow._tensor import Tensor, constant, convert


# --- elements -----------------------------------------------------------------------------------------------------
class _Elements:
    """The rows of tensors that have equally many: a structure of them, as elems is one of tensors."""

    def __init__(self, elems: Any) -> None:
        self.like, several = elems, isinstance(elems, (list, tuple, dict))
        self.tensors = [convert(t, name="elem" if several else "elems") for t in _flat(elems)]
        for t in self.tensors:
            if t._shape == ():
                raise ValueError("elements in elems must be 1+ dimensional Tensors, not scalars" if several else
                                 "elems must be a 1+ dimensional Tensor, not a scalar")  # fmt: skip
            if t._shape is None:
                raise NotImplementedError("elems of unknown rank are not supported yet")
        known = TensorShape([None])
        for t in self.tensors:
            _check_length(known, t)
            known = known.merge_with(t.shape[:1])
        self.count: int | Tensor = known.as_list()[0] if known.is_fully_defined() else shape(self.tensors[0])[0]

    def unstacked(self) -> None:
        """The nodes by which TensorFlow fills a TensorArray for each tensor."""
        shadows(" ".join(self.array() for _ in self.tensors))
        for _ in self.tensors:
            with scope_of(None, "TensorArrayUnstack"):
                shadows("Shape strided_slice(stack,stack_1,stack_2) range(start,delta) TensorArrayScatter/TensorArrayScatterV3")

    def array(self) -> str:
        return "TensorArray:TensorArrayV3" + ("(size)" if isinstance(self.count, int) else "")

    def first(self, index: int) -> Any:
        """The element at a place that is known, before the loop."""
        return _packed(self.like, [self._read_before(t, index) for t in self.tensors])

    def at(self, index: Tensor) -> Any:
        """The element at a place in the loop."""
        return _packed(self.like, [self._read(t, index) for t in self.tensors])

    def _read_before(self, t: Tensor, index: int) -> Tensor:
        with scope_of("TensorArrayReadV3", "TensorArrayReadV3") as scope:
            auxiliary("index", index)
            return operation("TensorArrayReadV3", scope, [t], lambda step: step("select", t, axis=0, index=index)).outputs[0]

    def _read(self, t: Tensor, index: Tensor) -> Tensor:
        def compute(step: Steps) -> Tensor:
            return step("squeeze", step("take", t, step("unsqueeze", index, axis=0), axis=0), axis=0)

        with scope_of("TensorArrayReadV3", "TensorArrayReadV3") as scope:
            made = operation("TensorArrayReadV3", scope, [index], compute).outputs[0]
        _inner_nodes("TensorArrayReadV3", scope + "Enter", scope + "Enter_1")
        return made


def _check_length(known: TensorShape, t: Tensor) -> None:
    if not known.is_compatible_with(t.shape[:1]):
        raise ValueError(f"Dimensions {known.as_list()[0]} and {t._shape[0]} are not compatible")


def _inner_nodes(kind: str, *names: str) -> None:
    """Nodes of a loop's body that the engine does not need."""
    graph = get_default_graph()
    for name in names:
        op = Operation(graph, name, "Enter" if name.rpartition("/")[2].startswith("Enter") else kind)
        graph._operations[name] = op
        if graph._branch is not None:
            graph._branch.inside.add(op)


def _written(count: int) -> None:
    """The nodes by which TensorFlow puts results into TensorArrays."""
    for _ in range(count):
        with scope_of(None, "TensorArrayWrite") as scope:
            _inner_nodes("TensorArrayWriteV3", f"{scope}TensorArrayWriteV3", f"{scope}TensorArrayWriteV3/Enter")


# --- the loop -----------------------------------------------------------------------------------------------------
class _Hidden(_Traced):
    """A body whose state is what TensorFlow keeps in TensorArrays: no tensor that its graph names."""

    def __call__(self, variables: tuple) -> list[Tensor]:
        return super().__call__(variables[:1])


class _Loop:
    """A counted loop of TensorFlow's form: variables (index, *state), and nodes for the TensorArrays that it carries."""

    def __init__(self, count: int | Tensor, begin: Callable[[], Tensor], state: list[Tensor], like: Any, arrays: int) -> None:
        self.graph, self.count, self.begin, self.state, self.arrays = get_default_graph(), count, begin, state, arrays
        self.kind, self.like = (_Hidden, (0,)) if like is None else (_Traced, (0, like))
        self.named = 1 if like is None else 1 + len(state)

    def run(self, test: Callable[..., Any], body: Callable[..., tuple]) -> list[Tensor]:
        """The index and, if it is named, the state at the end."""
        graph = self.graph
        with graph.name_scope("while"):
            if isinstance(self.count, int):
                auxiliary("maximum_iterations", self.count)
            auxiliary("iteration_counter", 0)
            start = [self.begin(), *self.state]
            carried = self.named + self.arrays
            _nodes(graph, "Enter", carried + 1)
            merge = _nodes(graph, "Merge", carried + 1)
            checked, stepped = (self.kind(graph, f, Branch(graph, merge[0], "Enter"), self.like) for f in (test, body))
            checked.branch.variables = merge[1:]
            if not isinstance(self.count, int):
                checked.branch.entered.add(self.count.op)
            # What one of them takes from outside, the other has.
            stepped.branch.entered = checked.branch.entered
            rounds = _Rounds(graph, carried, True)
            self.results = graph._core.while_loop(rounds.around(checked, True), rounds.around(stepped, False), start, -1)
            _nodes(graph, "Exit", 1)
            made = [graph.add(graph.unique_name("Exit"), "Exit", lambda t=t: t).outputs[0] for t in self.results[: self.named]]
            _nodes(graph, "Exit", self.arrays)
        return made

    def gathered(self, index: Tensor, ahead: bool, turned: bool) -> list[Tensor]:
        """Every value of the state, stacked: after each iteration (`ahead`), or before each and after the last."""
        return [self._stacked(k, t, index, ahead, turned) for k, t in enumerate(self.results[1:])]

    def _stacked(self, k: int, last: Tensor, index: Tensor, ahead: bool, turned: bool) -> Tensor:
        def compute(step: Steps) -> Tensor:
            before = _core.output_beside(last, len(self.results) + 2 + k)
            rows = step("concat", before, step("unsqueeze", last, axis=0), axis=0)
            rows = step("slice", rows, axis=0, start=1) if ahead else rows
            return step("flip", rows, axes=[0]) if turned else rows

        with scope_of(None, "TensorArrayStack"):
            shadows("TensorArraySizeV3 range(start,delta)")
            with scope_of("TensorArrayGatherV3", "TensorArrayGatherV3") as scope:
                out = operation("TensorArrayGatherV3", scope, [index], compute).outputs[0]
        out.set_shape([self.count if isinstance(self.count, int) else None, *last._shape])
        return out


# --- map ----------------------------------------------------------------------------------------------------------
def map_fn(fn: Callable[[Any], Any], elems: Any, dtype: Any = None, parallel_iterations: int | None = None, back_prop: bool = True,
           swap_memory: bool = False, infer_shape: bool = True, name: str | None = None) -> Any:  # fmt: skip
    """fn(element) for each element along the first dimension, stacked; `dtype` says the structure and dtypes of what fn
    gives, where they are not the elements'. The results' shapes have to be known while the graph is built."""
    _check_callable(fn)
    with scope_of(name, "map"):
        given = _Elements(elems)
        wanted = _packed(elems, [t.dtype for t in given.tensors]) if dtype is None else dtype
        kinds = [as_dtype(d) for d in _flat(wanted)]
        given.unstacked()
        index = constant(0)
        shadows(" ".join(given.array() for _ in kinds))

        def body(i: Tensor) -> tuple[Any, Any]:
            out = _as_kinds(fn(given.at(i)), wanted, kinds)
            _written(len(kinds))
            return i + 1, out

        loop = _Loop(given.count, lambda: index, _blanks(body, index, kinds), None, len(kinds))
        (last,) = loop.run(lambda i: i < given.count, body)
        return _packed(wanted, loop.gathered(last, True, False))


def _check_callable(fn: Any) -> None:
    if not callable(fn):
        raise TypeError("fn must be callable.")


def _as_kinds(out: Any, wanted: Any, kinds: list[DType]) -> Any:
    """What a function gave as tensors of the dtypes that were announced."""
    _check_structure(out, wanted)
    made = []
    for v, kind in zip(_flat(out), kinds):
        t = convert(v, preferred=kind, name="value")
        if t._dtype != kind._dtype:
            raise errors.InvalidArgumentError(message=f"TensorArray dtype is {_short(kind)} but Op is trying to write dtype {_short(t.dtype)}.")
        made.append(t)
    return _packed(wanted, made)


def _short(dtype: DType) -> str:
    return {"float32": "float", "float64": "double"}.get(dtype.name, dtype.name)


def _check_structure(a: Any, b: Any) -> None:
    if not _alike(a, b):
        raise ValueError(f"The two structures don't have the same nested structure.\n\nFirst structure: {a}\n\nSecond structure: {b}")


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, dict) or isinstance(b, dict):
        return isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys() and all(_alike(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
        return isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(_alike, a, b))
    return True


class _Enough(Exception):
    """Ends a trial: what the results look like is known."""


def _blanks(body: Callable[[Tensor], tuple[Any, Any]], index: Tensor, kinds: list[DType]) -> list[Tensor]:
    """A loop's variables have their shapes before it begins: the function is traced once for these alone."""
    graph, shapes = get_default_graph(), []

    def trial(i: Tensor) -> None:
        shapes.extend(t._shape for t in _flat(body(i)[1]))
        raise _Enough

    def never(_: tuple) -> list[Any]:
        return [graph._core.constant(_core.tensor(np.array(False), None, 0), "never")]

    with _untouched(graph), contextlib.suppress(_Enough):
        graph._core.while_loop(never, _Traced(graph, trial, Branch(graph, index.op, "Enter"), (0,)), [index], -1)
    for s in shapes:
        if s is None or None in s:
            raise NotImplementedError(f"tf.map_fn: the function's results have to have shapes known while the graph is built, not {TensorShape(s)}")
    return [graph._core.constant(_core.tensor(np.zeros(s, k._name), None, 0), "blank") for s, k in zip(shapes, kinds)]


@contextlib.contextmanager
def _untouched(graph: Graph) -> Iterator[None]:
    """Whatever is made meanwhile leaves no trace in the graph's books."""
    kept = {name: _copied(value) for name, value in vars(graph).items() if name not in ("_core", "_lock")}
    try:
        yield
    finally:
        vars(graph).update(kept)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: list(v) if isinstance(v, list) else v for k, v in value.items()}
    return type(value)(value) if isinstance(value, (list, set)) else value


# --- folds --------------------------------------------------------------------------------------------------------
def _fold(default: str, backwards: bool) -> Callable[..., Any]:
    def function(fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
                 swap_memory: bool = False, name: str | None = None) -> Any:  # fmt: skip
        _check_callable(fn)
        with scope_of(name, default):
            given = _Elements(elems)
            given.unstacked()
            state, left = _start(given, initializer, backwards)
            begin = _from_end(given.count, left) if backwards else _from_front(left)

            def body(i: Tensor, a: Any) -> tuple[Any, Any]:
                i = i - 1 if backwards else i
                out = _same(fn(a, given.at(i)), state)
                return (i if backwards else i + 1), out

            loop = _Loop(given.count, begin, _flat(state), state, 0)
            results = loop.run((lambda i, a: i > 0) if backwards else (lambda i, a: i < given.count), body)
            return _packed(state, results[1:])

    function.__name__ = function.__qualname__ = default
    function.__doc__ = f"fn(fn(fn(initializer, e0), e1), ...) over the elements along the first dimension, {'last' if backwards else 'first'} one first."
    return function


def _start(given: _Elements, initializer: Any, backwards: bool) -> tuple[Any, int]:
    """What a fold begins with, and how many elements that takes."""
    if initializer is not None:
        return _packed(initializer, [convert(t) for t in _flat(initializer)]), 0
    if backwards and not isinstance(given.count, int):
        raise NotImplementedError("from the end of a dimension that only a run knows: give an initializer")
    return given.first(given.count - 1 if backwards else 0), 1


def _from_front(left: int) -> Callable[[], Tensor]:
    made = constant(left)
    return lambda: made


def _from_end(count: int | Tensor, left: int) -> Callable[[], Tensor]:
    place = count - left if left or isinstance(count, int) else count
    return lambda: convert(place)


def _same(out: Any, state: Any) -> Any:
    """A new state must look like the one before."""
    _check_structure(out, state)
    made = [convert(v, None if isinstance(v, Tensor) else s.dtype) for v, s in zip(_flat(out), _flat(state))]
    for t, s in zip(made, _flat(state)):
        if not t.shape.is_compatible_with(s.shape):
            raise ValueError(f"Inconsistent shapes: saw {t.shape} but expected {s.shape}")
    return _packed(state, made)


foldl, foldr = _fold("foldl", False), _fold("foldr", True)


def scan(fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
         swap_memory: bool = False, infer_shape: bool = True, reverse: bool = False, name: str | None = None) -> Any:  # fmt: skip
    """foldl() that gives every state it goes through, stacked; with `reverse` from the last element to the first."""
    _check_callable(fn)
    with scope_of(name, "scan"):
        given = _Elements(elems)
        given.unstacked()
        state, left = _start(given, initializer, reverse)
        arrays = len(_flat(state))
        shadows(" ".join(given.array() for _ in range(arrays)))
        for _ in range(arrays * left):
            with scope_of(None, "TensorArrayWrite"):
                shadows("TensorArrayWriteV3(index)")
        begin = _from_end(given.count, left + 1) if reverse else lambda: constant(left)

        def body(i: Tensor, a: Any) -> tuple[Any, Any]:
            out = _same(fn(a, given.at(i)), state)
            _written(arrays)
            return (i - 1 if reverse else i + 1), out

        loop = _Loop(given.count, begin, _flat(state), state, arrays)
        index, *_ = loop.run((lambda i, a: i >= 0) if reverse else (lambda i, a: i < given.count), body)
        return _packed(state, loop.gathered(index, left == 0, reverse))
