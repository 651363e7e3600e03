"""tf.cond, tf.case and tf.while_loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold import _core, _owners
from twofold.tensorflow._graph import Branch, Graph, Operation, get_default_graph
from twofold.tensorflow._op import auxiliary, scope_of
from twofold.tensorflow._tensor import RefTensor, Tensor, convert


def _flat(values: Any) -> list[Any]:
    if isinstance(values, dict):
        return [t for v in values.values() for t in _flat(v)]
    return [t for v in values for t in _flat(v)] if isinstance(values, (list, tuple)) else [values]


def _packed(like: Any, flat: list[Any]) -> Any:
    """The values in the structure of `like`; takes them from the front of the list."""
    if isinstance(like, dict):
        return type(like)((k, _packed(v, flat)) for k, v in like.items())
    if hasattr(like, "_fields"):
        return type(like)(*[_packed(v, flat) for v in like])
    if isinstance(like, (list, tuple)):
        return type(like)(_packed(v, flat) for v in like)
    return flat.pop(0)


class _Traced:
    """Calls a user's function for the engine, which takes and gives flat lists."""

    def __init__(self, graph: Graph, function: Callable[..., Any], branch: Branch, like: Any = None,
                 check: Callable[[list[Tensor]], None] = lambda _: None) -> None:  # fmt: skip
        self.graph, self.function, self.branch, self.like, self.result = graph, function, branch, like, None
        self.check = check
        self.references: list[bool] = []  # which results are variables, as an assignment gives them

    def __call__(self, variables: tuple) -> list[Tensor]:
        _owners.tracing.append(self.graph)
        outer, self.graph._branch = self.graph._branch, self.branch
        try:
            for t, op in zip(variables, self.branch.variables):
                self.graph._adopt(op, [t])
                self.branch.inside.add(op)
            arguments = [] if self.like is None else _packed(self.like, list(variables))
            self.result = self.function(*arguments)
            results = [self.branch.returned(self._tensor(t)) for t in _flat(self.result)]
            self.check(results)
            self.references = [isinstance(t, RefTensor) for t in results]
            return results
        finally:
            self.graph._branch = outer
            _owners.tracing.pop()

    def _tensor(self, value: Any) -> Tensor:
        """An operation counts as a tensor that is ready when it has run."""
        if isinstance(value, Operation):
            name, core = self.graph.unique_name("control_dependency"), self.graph._core
            done = core.constant(_core.tensor(np.array(True), None, 0), name)
            with self.graph.control_dependencies([value]):
                return self.graph.add(name, "Identity", lambda: core.record("identity", [done], {}, name)).outputs[0]
        return convert(value)


def cond(pred: Any, true_fn: Callable[[], Any] | None = None, false_fn: Callable[[], Any] | None = None, strict: bool = False,
         name: str | None = None, fn1: Callable[[], Any] | None = None, fn2: Callable[[], Any] | None = None) -> Any:  # fmt: skip
    """true_fn() if the bool scalar `pred` holds when the graph runs, else false_fn()."""
    then, otherwise = fn1 if true_fn is None else true_fn, fn2 if false_fn is None else false_fn
    if not callable(then) or not callable(otherwise):
        raise TypeError("true_fn must be callable." if not callable(then) else "false_fn must be callable.")
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool")
    graph = get_default_graph()
    with graph.name_scope(name or "cond"):
        test = convert(pred)
        if test.dtype.name != "bool":
            raise TypeError(f"Input 'pred' of 'Switch' Op has type {test.dtype.name} that does not match expected type of bool.")
        switch = graph.add_lazily(graph.unique_name("Switch"), "Switch", inputs=[test, test])
        pivots = [graph.add_lazily(graph.unique_name(n), "Identity") for n in ("switch_t", "switch_f")]
        graph.add_lazily(graph.unique_name("pred_id"), "Identity", inputs=[test])
        del switch
        known: list[list[Tensor]] = []
        first, second = (_Traced(graph, f, Branch(graph, pivot, "Switch"), check=lambda r: _check_alike(known, r))
                         for f, pivot in zip((then, otherwise), pivots))  # fmt: skip
        results = graph.waiting(lambda: graph._core.cond(test, first, second))
        both = [a and b for a, b in zip(first.references, second.references)]
        made = [_merged(graph, t, reference) for t, reference in zip(results, both)]
    return _unpacked(first.result, made, strict)


def _check_alike(known: list[list[Tensor]], results: list[Tensor]) -> None:
    """The second branch gives as many results as the first, of the same dtypes."""
    known.append(results)
    if len(results) != len(known[0]):
        raise ValueError("The two structures don't have the same nested structure.")
    for a, b in zip(known[0], results):
        if a._dtype != b._dtype:
            kinds = f"{a.dtype.base_dtype.name}, {b.dtype.base_dtype.name}"
            raise ValueError(f"Outputs of true_fn and false_fn must have the same type: {kinds}")


def _check_test(results: list[Tensor]) -> None:
    if len(results) == 1 and results[0].dtype.base_dtype.name != "bool":
        raise TypeError(f"Input 'input' of 'LoopCond' Op has type {results[0].dtype.base_dtype.name} that does not match expected type of bool.")


def _alike(a: Any, b: Any) -> bool:
    """Are lists and dicts nested in the same way?"""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_alike, a, b))
    return not isinstance(a, (dict, list, tuple)) and not isinstance(b, (dict, list, tuple))


def _check_step(start: list[Tensor], results: list[Tensor], loop_vars: Sequence[Any], returned: Any) -> None:
    if not _alike(loop_vars, returned if isinstance(returned, (list, tuple)) else [returned]):
        raise ValueError("The two structures don't have the same nested structure.")
    for before, after in zip(start, results):
        if not after.shape.is_compatible_with(before.shape):
            raise ValueError(
                f"Input tensor '{before.name}' enters the loop with shape {before.shape}, but has shape {after.shape} after one "
                "iteration. To allow the shape to vary across iterations, use the `shape_invariants` argument of tf.while_loop to "
                "specify a less-specific shape.\n[twofold] a loop's variables keep their shapes in this version"
            )


def _check_invariants(start: list[Tensor], invariants: list[Any]) -> None:
    if len(invariants) != len(start):
        raise ValueError("The two structures don't have the same nested structure.")
    for t, given in zip(start, invariants):
        if not t.shape.is_compatible_with(given):
            raise ValueError(
                f"The shape invariant specified for {t.name} is not compatible with the initial shape of the loop variable. It "
                f"enters the loop with shape {t.shape}, but the specified shape invariant is {given}."
            )


def _merged(graph: Graph, result: Tensor, reference: bool) -> Tensor:
    made = _core.as_class(result, RefTensor) if reference else result
    return graph.add(graph.unique_name("Merge"), "RefMerge" if reference else "Merge", lambda: made).outputs[0]


def _unpacked(like: Any, made: list[Tensor], strict: bool) -> Any:
    packed = _packed(like, list(made))
    return packed[0] if isinstance(packed, (list, tuple)) and len(packed) == 1 and not strict else packed


def case(pred_fn_pairs: Any, default: Callable[[], Any] | None = None, exclusive: bool = False, strict: bool = False,
         name: str = "case") -> Any:  # fmt: skip
    """The function of the first condition that holds when the graph runs, else `default`."""
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else list(pred_fn_pairs)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or not callable(pair[1]):
            raise TypeError("Each entry in pred_fn_pairs must be a 2-tuple of a bool tensor and a callable")
    if exclusive:
        raise NotImplementedError("tf.case with exclusive=True is not supported yet")
    if default is None:
        default = pairs.pop()[1]
    choose = default
    for test, function in reversed(pairs):
        choose = _either(test, function, choose, strict)
    with scope_of(name, "case", [test for test, _ in pairs]):
        return choose()


def _either(test: Any, function: Callable[[], Any], rest: Callable[[], Any], strict: bool) -> Callable[[], Any]:
    return lambda: cond(test, function, rest, strict)


def while_loop(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Sequence[Any], shape_invariants: Any = None,
               parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False, name: str | None = None,
               maximum_iterations: Any = None, return_same_structure: bool = False) -> Any:  # fmt: skip
    """loop_vars = body(*loop_vars) while cond(*loop_vars) holds when the graph runs; shapes stay what they are."""
    if not loop_vars:
        raise ValueError("No loop variables provided")
    if not callable(cond) or not callable(body):
        raise TypeError("cond must be callable." if not callable(cond) else "body must be callable.")
    graph = get_default_graph()
    with graph.name_scope(name or "while"):
        limit = -1 if maximum_iterations is None else _limit(maximum_iterations)
        start = [convert(v) for v in _flat(loop_vars)]
        if shape_invariants is not None:
            _check_invariants(start, _flat(shape_invariants))
        _nodes(graph, "Enter", len(start) + (limit >= 0))
        merge = _nodes(graph, "Merge", len(start) + (limit >= 0))
        skip = int(limit >= 0)
        test = _Traced(graph, cond, Branch(graph, merge[0], "Enter"), loop_vars, _check_test)
        step = _Traced(graph, body, Branch(graph, merge[0], "Enter"), loop_vars, lambda results: _check_step(start, results, loop_vars, step.result))
        test.branch.variables = merge[skip:]
        step.branch.entered = test.branch.entered  # what one of them takes from outside, the other has
        rounds = _Rounds(graph, len(start), limit >= 0)
        results = graph.waiting(lambda: graph._core.while_loop(rounds.around(test, True), rounds.around(step, False), start, limit))
        _nodes(graph, "Exit", skip)
        made = [graph.add(graph.unique_name("Exit"), "Exit", lambda t=t: t).outputs[0] for t in results]
    packed = _packed(loop_vars, list(made))
    return packed[0] if len(loop_vars) == 1 and not return_same_structure else packed


def _limit(maximum: Any) -> int:
    from twofold.tensorflow._sizes import static_ints

    auxiliary("maximum_iterations", static_ints(maximum))
    auxiliary("iteration_counter", 0)
    return int(static_ints(maximum))


def _nodes(graph: Graph, kind: str, count: int) -> list[Operation]:
    """One node of this kind for each variable of a loop, by name."""
    return [graph.add_lazily(graph.unique_name(kind), kind) for _ in range(count)]


class _Rounds:
    """The nodes that TensorFlow makes around a loop's condition and body."""

    def __init__(self, graph: Graph, variables: int, limited: bool) -> None:
        self.graph, self.count, self.limited = graph, variables + limited, limited

    def around(self, traced: _Traced, is_test: bool) -> Callable[[tuple], list[Tensor]]:
        def call(variables: tuple) -> list[Tensor]:
            if is_test:
                self._before_test()
                out = traced(variables)
                self._after_test()
            else:
                identities = _nodes(self.graph, "Identity", self.count)
                traced.branch.pivot, traced.branch.variables = identities[0], identities[self.limited :]
                if self.limited:
                    self._named("add", "AddV2", ["y"])
                out = traced(variables)
                _nodes(self.graph, "NextIteration", self.count)
            return out

        return call

    def _named(self, name: str, kind: str, constants: list[str]) -> None:
        exact = self.graph.unique_name(name)
        for c in constants:
            self.graph.add_lazily(f"{exact}/{c}", "Const")
        self.graph.add_lazily(exact, kind)

    def _before_test(self) -> None:
        if self.limited:
            exact = self.graph.unique_name("Less")
            self.graph.add_lazily(exact, "Less")
            self.graph.add_lazily(f"{exact}/Enter", "Enter")

    def _after_test(self) -> None:
        if self.limited:
            self._named("LogicalAnd", "LogicalAnd", [])
        _nodes(self.graph, "LoopCond", 1)
        _nodes(self.graph, "Switch", self.count)
