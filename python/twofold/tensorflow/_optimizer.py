"""tf.train.Optimizer: gradients, slots, the operation that updates every variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._control import group
from twofold.tensorflow._gradients import gradients
from twofold.tensorflow._graph import GraphKeys, Operation, get_default_graph
from twofold.tensorflow._initializers import Constant, Ones, Zeros
from twofold.tensorflow._math import cast
from twofold.tensorflow._node_attrs import colocate
from twofold.tensorflow._op import Steps, scope_of
from twofold.tensorflow._scopes import get_variable, variable_scope
from twofold.tensorflow._tensor import Tensor, convert
from twofold.tensorflow._variables import Variable, assign_add, trainable_variables, updated


class Optimizer:
    """minimize() = compute_gradients() + apply_gradients().

    A subclass says which settings are tensors of the graph (`_settings`), which variables it keeps beside the model's
    (`_create_slots`), and the new values of a variable and its slots (`_update`).
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2
    kind = ""  # of the node that updates one variable
    gradient_at: int | None = None  # where among its settings that node takes the gradient; at the end by default
    slot_inputs: tuple[str, ...] = ()  # in which order that node takes its slots; that of their creation by default

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._name = name
        self._slots: dict[str, dict[Variable, Variable]] = {}
        self._settings: dict[str, Any] = {}
        self._attrs: dict[str, Any] = {"use_locking": bool(use_locking)}  # of the node that updates one variable

    def get_name(self) -> str:
        return self._name

    def minimize(self, loss: Any, global_step: Variable | None = None, var_list: Sequence[Variable] | None = None,
                 gate_gradients: int = 1, aggregation_method: Any = None, colocate_gradients_with_ops: bool = False,
                 name: str | None = None, grad_loss: Any = None) -> Operation:  # fmt: skip
        """The operation that takes one step down the gradient of `loss`."""
        pairs = self.compute_gradients(loss, var_list, gate_gradients, aggregation_method, colocate_gradients_with_ops, grad_loss)
        if not any(g is not None for g, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, between "
                f"variables {[str(v) for _, v in pairs]} and loss {loss}."
            )
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(self, loss: Any, var_list: Sequence[Variable] | None = None, gate_gradients: int = 1,
                          aggregation_method: Any = None, colocate_gradients_with_ops: bool = False,
                          grad_loss: Any = None) -> list[tuple[Tensor | None, Variable]]:  # fmt: skip
        """(gradient, variable) for each variable; the gradient is None where the loss does not depend on it."""
        if gate_gradients not in (0, 1, 2):
            raise ValueError(f"gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  Not {gate_gradients}")
        if callable(loss):
            raise RuntimeError("`loss` passed to Optimizer.compute_gradients should be a Tensor when eager execution is not enabled")
        variables = [var_list] if isinstance(var_list, Variable) else trainable_variables() if var_list is None else list(var_list)
        if not variables:
            raise ValueError("No variables to optimize.")
        for v in variables:
            if not isinstance(v, Variable):
                raise NotImplementedError("Trying to optimize unsupported type " + str(v))
        whole = [v for v in (loss, *variables) if hasattr(v, "dtype") and not v.dtype.is_floating]
        if whole:
            words = f"Invalid type {whole[0].dtype.base_dtype!r} for {whole[0].name}, expected: [tf.float32, tf.float64, tf.float16, tf.bfloat16]."
            raise ValueError(words)
        found = gradients(loss, variables, None if grad_loss is None else [grad_loss], gate_gradients=gate_gradients == Optimizer.GATE_OP)
        return list(zip(found, variables))

    def apply_gradients(self, grads_and_vars: Any, global_step: Variable | None = None, name: str | None = None) -> Operation:
        """The operation that updates each variable by its gradient."""
        given = list(grads_and_vars)
        if not given:
            raise ValueError("No variables provided.")
        pairs = [(convert(g), v) for g, v in given if g is not None]
        if not pairs:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in given]}.")
        graph = pairs[0][1].graph
        with graph.as_default():
            with graph.control_dependencies(None):
                self._create_slots([v for _, v in pairs])
            with scope_of(name, self._name) as scope:
                done = self._operations(pairs, global_step, scope)
        held = graph.get_collection_ref(GraphKeys.TRAIN_OP)
        if done not in held:
            held.append(done)
        return done

    def _operations(self, pairs: list[tuple[Tensor, Variable]], global_step: Variable | None, scope: str) -> Operation:
        self._prepared = {key: convert(value() if callable(value) else value, name=key) for key, value in self._settings.items()}
        updates = []
        for g, v in pairs:
            with get_default_graph().name_scope("update_" + v.op.name), scope_of(self.kind, self.kind) as inner:
                updates.append(self._updated(inner, g, v))
        if global_step is None:
            return self._finish(updates, scope)
        with get_default_graph().control_dependencies([self._finish(updates, "update")]):
            one = convert(1, global_step.dtype.base_dtype, name="value")
            colocate(one.op, global_step.op)
            return assign_add(global_step, one, name=scope).op

    def _updated(self, scope: str, gradient: Tensor, variable: Variable) -> Operation:
        dtype = variable.dtype.base_dtype
        settings = {key: cast(value, dtype) for key, value in self._prepared.items()}
        beside = [self._slots[s][variable] for s in self.slot_inputs or self._slots if variable in self._slots[s]]
        inputs: list[Any] = [*self._extra_inputs(), *settings.values()]
        inputs.insert(len(inputs) if self.gradient_at is None else self.gradient_at, gradient)
        inputs = [variable.op, *(s.op for s in beside), *inputs]
        
        def compute(step: Steps) -> list[tuple[Variable, Any]]:
            return self._update(Formula(step), gradient, variable, settings)

        return updated(self.kind, scope, variable, inputs, compute, **self._attrs)

    # --- what an optimiser overrides
    def _create_slots(self, variables: list[Variable]) -> None:
        """Makes the variables that it keeps beside the model's."""

    def _extra_inputs(self) -> list[Any]:
        return []

    def _finish(self, updates: list[Operation], name: str) -> Operation:
        """The operation that runs all updates."""
        return group(*updates, name=name)

    def _update(self, f: Formula, gradient: Tensor, variable: Variable, settings: dict[str, Tensor]) -> list[tuple[Variable, Any]]:
        raise NotImplementedError

    # --- slots
    def _slot(self, variable: Variable, slot: str, value: float = 0.0) -> Variable:
        """The variable of this slot; made, with this value in every element, if there is none."""
        held = self._slots.setdefault(slot, {})
        if variable not in held:
            initializer = Zeros() if value == 0 else Ones() if value == 1 and slot == "rms" else Constant(value)
            with variable_scope(None, f"{variable.op.name}/{self._name}"):
                held[variable] = get_variable("", variable.shape, variable.dtype.base_dtype, initializer, trainable=False)
                colocate(held[variable].op, variable.op)
        return held[variable]

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        return self._slots.get(name, {}).get(var)

    def get_slot_names(self) -> list[str]:
        return sorted(self._slots)

    def variables(self) -> list[Variable]:
        return [s for held in self._slots.values() for s in held.values()]


class Formula:
    """Arithmetic on tensors of one operation: f(a) * b + 1."""

    def __init__(self, step: Steps) -> None:
        self.step = step

    def __call__(self, value: Any) -> Term:
        return Term(self.step, value._as_tensor() if hasattr(value, "_as_tensor") else value)


class Term:
    """A value in a Formula; numbers take its dtype."""

    def __init__(self, step: Steps, tensor: Tensor) -> None:
        self.step, self.tensor = step, tensor

    def _of(self, row: str, *others: Any, flipped: bool = False) -> Term:
        operands = [o.tensor if isinstance(o, Term) else o if isinstance(o, Tensor) else self.step.number(o, self.tensor) for o in others]
        operands = [*operands, self.tensor] if flipped else [self.tensor, *operands]
        return Term(self.step, self.step(row, *operands))

    def sqrt(self) -> Term:
        return self._of("sqrt")

    def square(self) -> Term:
        return self._of("mul", self)

    def __add__(self, other: Any) -> Term:
        return self._of("add", other)

    def __sub__(self, other: Any) -> Term:
        return self._of("sub", other)

    def __rsub__(self, other: Any) -> Term:
        return self._of("sub", other, flipped=True)

    def __mul__(self, other: Any) -> Term:
        return self._of("mul", other)

    def __truediv__(self, other: Any) -> Term:
        return self._of("div", other)


