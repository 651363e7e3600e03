"""tf.train: optimisers with TensorFlow's formulas, the global step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import _dtypes
from twofold.tensorflow._gradients import gradients
from twofold.tensorflow._graph import Graph, GraphKeys, Operation, get_default_graph
from twofold.tensorflow._tensor import Tensor, constant_named, convert
from twofold.tensorflow._variables import Variable, assign_add, trainable_variables


class _Builder:
    """Nodes of an optimiser's arithmetic, in a scope of their own."""

    def __init__(self, graph: Graph, scope: str) -> None:
        self.graph, self.core, self.scope = graph, graph._core, scope

    def __call__(self, row: str, *inputs: Any, **attrs: Any) -> Any:
        dtype = next(t for t in inputs if isinstance(t, _core.Tensor))._dtype
        name = _dtypes.BY_NUMBER[dtype]._name
        operands = [
            i if isinstance(i, _core.Tensor) else constant_named(self.graph, np.array(i, name), f"{self.scope}/const")
            for i in inputs
        ]
        return self.core.record(row, operands, attrs, f"{self.scope}/{row}")[0]

    def set(self, cell: Any, value: Any) -> Any:
        return self.core.assign(cell, value, f"{self.scope}/update")


class Optimizer:
    """minimize() = compute_gradients() + apply_gradients()."""

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, use_locking: bool, name: str) -> None:
        self._name = name
        self._slots: dict[str, dict[Variable, Variable]] = {}

    def get_name(self) -> str:
        return self._name

    def minimize(self, loss: Any, global_step: Variable | None = None, var_list: Sequence[Variable] | None = None,
                 gate_gradients: int = 1, aggregation_method: Any = None, colocate_gradients_with_ops: bool = False,
                 name: str | None = None, grad_loss: Any = None) -> Operation:  # fmt: skip
        """The operation that takes one step down the gradient of `loss`."""
        pairs = self.compute_gradients(loss, var_list, grad_loss=grad_loss)
        if not any(g is not None for g, _ in pairs):
            names = [str(v) for _, v in pairs]
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, between "
                f"variables {names} and loss {loss}."
            )
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(self, loss: Any, var_list: Sequence[Variable] | None = None, gate_gradients: int = 1,
                          aggregation_method: Any = None, colocate_gradients_with_ops: bool = False,
                          grad_loss: Any = None) -> list[tuple[Tensor | None, Variable]]:  # fmt: skip
        """(gradient, variable) for each variable; the gradient is None where the loss does not depend on it."""
        variables = list(var_list) if var_list is not None else trainable_variables()
        if not variables:
            raise ValueError("No variables to optimize.")
        found = gradients(loss, variables, None if grad_loss is None else [grad_loss])
        return list(zip(found, variables))

    def apply_gradients(self, grads_and_vars: Any, global_step: Variable | None = None, name: str | None = None) -> Operation:
        """The operation that updates each variable by its gradient."""
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        if not pairs:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in grads_and_vars]}.")
        graph = pairs[0][1].graph
        with graph.as_default(), graph.control_dependencies(None):
            self._create_slots([v for _, v in pairs])
            exact = graph.unique_name(name or self._name)
            effects = self._prepare(_Builder(graph, exact))
            for g, v in pairs:
                b = _Builder(graph, f"{exact}/update_{v._name}")
                effects += self._update(b, convert(g, v.dtype.base_dtype), v)
            effects += self._finish(_Builder(graph, exact))
            if global_step is not None:
                effects += assign_add(global_step, 1, name=f"{exact}/step").op._effects
            op = graph.add_effect(exact, "NoOp", effects)
        graph.add_to_collection(GraphKeys.TRAIN_OP, op)
        return op

    # --- what an optimiser overrides
    def _create_slots(self, variables: list[Variable]) -> None:
        """Makes the variables that it keeps beside the model's."""

    def _prepare(self, b: _Builder) -> list[Any]:
        """What one step computes once; the engine's operations that must run."""
        return []

    def _finish(self, b: _Builder) -> list[Any]:
        return []

    def _update(self, b: _Builder, gradient: Any, variable: Variable) -> list[Any]:
        raise NotImplementedError

    # --- slots
    def _slot(self, variable: Variable, slot: str, value: float = 0.0) -> Variable:
        held = self._slots.setdefault(slot, {})
        if variable not in held:
            graph = variable.graph
            full = graph.unique_name(f"{variable._name}/{self._name}")
            array = np.full(variable.shape.as_list(), value, variable.dtype._name)
            initial = constant_named(graph, array, f"{full}/Initializer/zeros")
            held[variable] = Variable._under(full, initial, False, None)
        return held[variable]

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        return self._slots.get(name, {}).get(var)

    def get_slot_names(self) -> list[str]:
        return sorted(self._slots)

    def variables(self) -> list[Variable]:
        return [s for held in self._slots.values() for s in held.values()]


def _scalar(value: Any, like: Any) -> Any:
    """A setting: a number, or a tensor in the gradient's dtype."""
    if isinstance(value, (int, float)):
        return value
    return convert(value() if callable(value) else value, like.dtype)


class GradientDescentOptimizer(Optimizer):
    """v -= learning_rate * g."""

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(use_locking, name)
        self._rate = learning_rate

    def _update(self, b: _Builder, gradient: Any, variable: Variable) -> list[Any]:
        step = b("mul", gradient, _scalar(self._rate, gradient))
        return [b.set(variable._cell, b("sub", variable._as_tensor(), step))]


class MomentumOptimizer(Optimizer):
    """a = momentum * a + g;  v -= learning_rate * a  (Nesterov: learning_rate * (g + momentum * a))."""

    def __init__(self, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "Momentum",
                 use_nesterov: bool = False) -> None:  # fmt: skip
        super().__init__(use_locking, name)
        self._rate, self._momentum, self._nesterov = learning_rate, momentum, use_nesterov

    def _create_slots(self, variables: list[Variable]) -> None:
        for v in variables:
            self._slot(v, "momentum")

    def _update(self, b: _Builder, gradient: Any, variable: Variable) -> list[Any]:
        slot = self._slot(variable, "momentum")
        momentum, rate = _scalar(self._momentum, gradient), _scalar(self._rate, gradient)
        total = b("add", b("mul", slot._as_tensor(), momentum), gradient)
        direction = b("add", gradient, b("mul", total, momentum)) if self._nesterov else total
        value = b("sub", variable._as_tensor(), b("mul", direction, rate))
        return [b.set(slot._cell, total), b.set(variable._cell, value)]


class AdamOptimizer(Optimizer):
    """Kingma and Ba 2015, the form before section 2.1: v -= rate_t * m / (sqrt(s) + epsilon)."""

    def __init__(self, learning_rate: Any = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
                 use_locking: bool = False, name: str = "Adam") -> None:  # fmt: skip
        super().__init__(use_locking, name)
        self._rate, self._beta1, self._beta2, self._epsilon = learning_rate, beta1, beta2, epsilon
        self._powers: list[Variable] = []

    def _create_slots(self, variables: list[Variable]) -> None:
        graph = variables[0].graph
        if not self._powers:
            for name, beta in (("beta1_power", self._beta1), ("beta2_power", self._beta2)):
                full = graph.unique_name(name)
                initial = constant_named(graph, np.float32(beta), f"{full}/initial_value")
                self._powers.append(Variable._under(full, initial, False, None))
        for v in variables:
            self._slot(v, "m")
            self._slot(v, "v")

    def _update(self, b: _Builder, gradient: Any, variable: Variable) -> list[Any]:
        m, v = self._slot(variable, "m"), self._slot(variable, "v")
        p1, p2 = (b("cast", p._as_tensor(), dtype=gradient.dtype._name) for p in self._powers)
        root = b("sqrt", b("sub", _one(b, p2), p2))
        rate = b("div", b("mul", root, _scalar(self._rate, gradient)), b("sub", _one(b, p1), p1))
        new_m = b("add", b("mul", m._as_tensor(), self._beta1), b("mul", gradient, 1 - self._beta1))
        square = b("mul", gradient, gradient)
        new_v = b("add", b("mul", v._as_tensor(), self._beta2), b("mul", square, 1 - self._beta2))
        step = b("div", b("mul", new_m, rate), b("add", b("sqrt", new_v), self._epsilon))
        value = b("sub", variable._as_tensor(), step)
        return [b.set(m._cell, new_m), b.set(v._cell, new_v), b.set(variable._cell, value)]

    def _finish(self, b: _Builder) -> list[Any]:
        pairs = zip(self._powers, (self._beta1, self._beta2))
        return [b.set(p._cell, b("mul", p._as_tensor(), beta)) for p, beta in pairs]


def _one(b: _Builder, like: Any) -> Any:
    return constant_named(b.graph, np.array(1, like.dtype._name), f"{b.scope}/one")


class RMSPropOptimizer(Optimizer):
    """s = decay * s + (1 - decay) * g²;  a = momentum * a + rate * g / sqrt(s + epsilon);  v -= a."""

    def __init__(self, learning_rate: Any, decay: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-10,
                 use_locking: bool = False, centered: bool = False, name: str = "RMSProp") -> None:  # fmt: skip
        super().__init__(use_locking, name)
        if centered:
            raise NotImplementedError("centered RMSProp is not supported yet")
        self._rate, self._decay, self._momentum, self._epsilon = learning_rate, decay, momentum, epsilon

    def _create_slots(self, variables: list[Variable]) -> None:
        for v in variables:
            self._slot(v, "rms", 1.0)
            self._slot(v, "momentum")

    def _update(self, b: _Builder, gradient: Any, variable: Variable) -> list[Any]:
        rms, slot = self._slot(variable, "rms"), self._slot(variable, "momentum")
        mean = b("add", b("mul", rms._as_tensor(), self._decay), b("mul", b("mul", gradient, gradient), 1 - self._decay))
        step = b("div", b("mul", gradient, _scalar(self._rate, gradient)), b("sqrt", b("add", mean, self._epsilon)))
        total = b("add", b("mul", slot._as_tensor(), self._momentum), step)
        value = b("sub", variable._as_tensor(), total)
        return [b.set(rms._cell, mean), b.set(slot._cell, total), b.set(variable._cell, value)]


class AdagradOptimizer(Optimizer):
    """s = s + g²;  v -= rate * g / sqrt(s)  (Duchi et al. 2011)."""

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1, use_locking: bool = False,
                 name: str = "Adagrad") -> None:  # fmt: skip
        super().__init__(use_locking, name)
        self._rate, self._start = learning_rate, initial_accumulator_value

    def _create_slots(self, variables: list[Variable]) -> None:
        for v in variables:
            self._slot(v, "accumulator", self._start)

    def _update(self, b: _Builder, gradient: Any, variable: Variable) -> list[Any]:
        slot = self._slot(variable, "accumulator", self._start)
        total = b("add", slot._as_tensor(), b("mul", gradient, gradient))
        step = b("div", b("mul", gradient, _scalar(self._rate, gradient)), b("sqrt", total))
        return [b.set(slot._cell, total), b.set(variable._cell, b("sub", variable._as_tensor(), step))]


# --- the global step ----------------------------------------------------------------------------------------------
def create_global_step(graph: Graph | None = None) -> Variable:
    """The int64 variable that counts steps; ValueError where the graph has one."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        initial = constant_named(graph, np.int64(0), "global_step/Initializer/zeros")
        return Variable._under("global_step", initial, False, [GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP])


def get_global_step(graph: Graph | None = None) -> Variable | None:
    found = (graph or get_default_graph()).get_collection(GraphKeys.GLOBAL_STEP)
    return found[0] if found else None


def get_or_create_global_step(graph: Graph | None = None) -> Variable:
    return get_global_step(graph) or create_global_step(graph)


def global_step(sess: Any, global_step_tensor: Any) -> int:
    return int(sess.run(global_step_tensor))
