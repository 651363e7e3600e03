"""tf.custom_gradient: a function whose derivative its author writes."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from twofold import _core
from twofold._owners import owned_by
from twofold.tensorflow._graph import Graph, Operation, get_default_graph
from twofold.tensorflow._op import ROWS, Steps, operation, scope_of, shadows
from twofold.tensorflow._tensor import FACE, Tensor, convert

# The names of the gradients that a custom one gave for its inputs.
made_by: weakref.WeakKeyDictionary[Operation, list[str | None]] = weakref.WeakKeyDictionary()


def custom_gradient(f: Callable[..., tuple[Any, Callable[..., Any]]]) -> Callable[..., Any]:
    """f(*tensors) -> (results, grad_fn), with grad_fn(*gradients of the results) -> gradients of the tensors. A function that
    uses variables has grad_fn(*gradients, variables=...) -> (gradients of the tensors, gradients of the variables)."""

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise ValueError("The custom_gradient decorator currently supports keywords arguments only when eager execution is enabled.")
        graph, given = get_default_graph(), [convert(a) for a in args]
        before = set(graph._operations)
        results, grad_fn = f(*given)
        variables = _variables_of(graph, before)
        if variables and not _takes_variables(grad_fn):
            raise TypeError(
                "If using @custom_gradient with a function that uses variables, then grad_fn must accept a keyword argument 'variables'."
            )
        several = isinstance(results, (list, tuple))
        made = _identities([convert(r) for r in (results if several else [results])], given, variables, grad_fn)
        return type(results)(made) if several else made[0]

    return decorated


def _variables_of(graph: Graph, before: set[str]) -> list[Any]:
    """The trainable variables that the operations since then read."""
    read = {i.op for name, op in graph._operations.items() if name not in before for i in op._inputs if not isinstance(i, Operation)}
    return [v for v in graph._variables if v.trainable and v._snapshot.op in read]


def _takes_variables(grad_fn: Callable[..., Any]) -> bool:
    parameters = inspect.signature(grad_fn).parameters.values()
    return any(p.name == "variables" or p.kind is p.VAR_KEYWORD for p in parameters)


def _identities(results: list[Tensor], given: list[Tensor], variables: list[Any], grad_fn: Callable[..., Any]) -> list[Tensor]:
    """The results again, behind the derivative: TensorFlow's IdentityN of them and of all that they came from."""
    for r in results:
        ROWS["identity"](r)  # as TensorFlow does, though nothing reads them
    sources = [*given, *(v._snapshot for v in variables)]
    with scope_of(None, "IdentityN", results) as scope:
        graph, name = get_default_graph(), scope[:-1]

        def backward(gradients: Sequence[Tensor | None], kept: Sequence[Tensor]) -> list[Tensor | None]:
            zeros = lambda like: graph._core.record("zeros_like", [like], {}, "zeros_like")[0]  # noqa: E731
            arrived = [zeros(k) if g is None else g for g, k in zip(gradients, kept)]
            shadows("zeros_like " * (len(op._outputs) - sum(g is not None for g in gradients)))
            with graph.name_scope(f"{name}_grad"):
                found = _gradients(name, grad_fn, arrived, len(given), variables)
            made_by[op] = [*(None for _ in results), *(None if g is None else g.op.name for g in found)]
            return found

        def compute(step: Steps) -> list[Tensor]:
            call = owned_by(graph, backward)
            return _core.record_function(sources, [*results, *sources], call, step.name, results, FACE)

        op = operation("IdentityN", scope, [*results, *sources], compute)
        return list(op.outputs[: len(results)])


def _gradients(name: str, grad_fn: Callable[..., Any], arrived: list[Tensor], count: int, variables: list[Any]) -> list[Tensor | None]:
    told = grad_fn(*arrived, variables=variables) if variables else grad_fn(*arrived)
    own, of_variables = told if variables else (told, [])
    found = [*(own if isinstance(own, (list, tuple)) else [own]), *of_variables]
    if len(found) != count + len(variables):
        raise ValueError(f'Num gradients {len(found)} generated for op name: "{name}" do not match num inputs {count + len(variables)}')
    return [None if g is None else convert(g) for g in found]
