"""tf.train: optimisers with TensorFlow's formulas, the global step, decaying learning rates."""

from __future__ import annotations

from typing import Any

from twofold import _missing
from twofold.tensorflow import _averages, _decay, _dtypes
from twofold.tensorflow._graph import Graph, GraphKeys, Operation, get_default_graph
from twofold.tensorflow._initializers import Zeros
from twofold.tensorflow._op import ROWS, scope_of
from twofold.tensorflow._node_attrs import colocate
from twofold.tensorflow._optimizer import Formula, Optimizer
from twofold.tensorflow._scopes import get_variable
from twofold.tensorflow._tensor import Tensor
from twofold.tensorflow._variables import Variable, assign

ExponentialMovingAverage = _averages.ExponentialMovingAverage
exponential_decay, natural_exp_decay = _decay.exponential_decay, _decay.natural_exp_decay
inverse_time_decay, polynomial_decay, cosine_decay = _decay.inverse_time_decay, _decay.polynomial_decay, _decay.cosine_decay
piecewise_constant = piecewise_constant_decay = _decay.piecewise_constant


class GradientDescentOptimizer(Optimizer):
    """v -= learning_rate * g."""

    kind = "ApplyGradientDescent"

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(use_locking, name)
        self._settings = {"learning_rate": learning_rate}

    def _update(self, f: Formula, gradient: Tensor, variable: Variable, settings: dict[str, Tensor]) -> list:
        return [(variable, (f(variable) - f(gradient) * settings["learning_rate"]).tensor)]


class MomentumOptimizer(Optimizer):
    """a = momentum * a + g;  v -= learning_rate * a  (Nesterov: learning_rate * (g + momentum * a))."""

    kind, gradient_at = "ApplyMomentum", 1

    def __init__(self, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "Momentum",
                 use_nesterov: bool = False) -> None:  # fmt: skip
        super().__init__(use_locking, name)
        self._settings, self._nesterov = {"learning_rate": learning_rate, "momentum": momentum}, use_nesterov
        self._attrs["use_nesterov"] = bool(use_nesterov)

    def _create_slots(self, variables: list[Variable]) -> None:
        for v in variables:
            self._slot(v, "momentum")

    def _update(self, f: Formula, gradient: Tensor, variable: Variable, settings: dict[str, Tensor]) -> list:
        slot, momentum = self._slot(variable, "momentum"), settings["momentum"]
        total = f(slot) * momentum + gradient
        direction = f(gradient) + total * momentum if self._nesterov else total
        return [(variable, (f(variable) - direction * settings["learning_rate"]).tensor), (slot, total.tensor)]


class AdamOptimizer(Optimizer):
    """Kingma and Ba 2015, the form before section 2.1: v -= rate_t * m / (sqrt(s) + epsilon)."""

    kind = "ApplyAdam"

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8,
                 use_locking: bool = False, name: str = "Adam") -> None:  # fmt: skip
        super().__init__(use_locking, name)
        self._settings = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
        self._powers: list[Variable] = []

    def _create_slots(self, variables: list[Variable]) -> None:
        if not self._powers or self._powers[0].graph is not variables[0].graph:
            self._powers = [Variable(self._settings[b], name=f"{b}_power", trainable=False, dtype=_dtypes.float32) for b in ("beta1", "beta2")]
            first = min(variables, key=lambda v: v.name)
            for p in self._powers:
                colocate(p.op, first.op)
                colocate(p.initial_value.op, first.op)
        for v in variables:
            self._slot(v, "m")
            self._slot(v, "v")

    def _extra_inputs(self) -> list[Any]:
        return [p._as_tensor() for p in self._powers]

    def _update(self, f: Formula, gradient: Tensor, variable: Variable, settings: dict[str, Tensor]) -> list:
        m, v = self._slot(variable, "m"), self._slot(variable, "v")
        beta1, beta2 = settings["beta1"], settings["beta2"]
        p1, p2 = (f(f.step("cast", p._as_tensor(), dtype=gradient.dtype._name)) for p in self._powers)
        rate = (1 - p2).sqrt() * settings["learning_rate"] / (1 - p1)
        g = f(gradient)
        new_m = f(m) + (g - f(m)) * (1 - f(beta1))
        new_v = f(v) + (g.square() - f(v)) * (1 - f(beta2))
        step = new_m * rate / (new_v.sqrt() + settings["epsilon"])
        return [(variable, (f(variable) - step).tensor), (m, new_m.tensor), (v, new_v.tensor)]

    def _finish(self, updates: list[Operation], name: str) -> Operation:
        with get_default_graph().control_dependencies(updates):
            for power, beta in zip(self._powers, ("beta1", "beta2")):
                with scope_of("mul", "mul") as scope:
                    product = ROWS["multiply"](power, self._prepared[beta], name=scope)
                colocate(product.op, power.op)
                updates = [*updates, assign(power, product, use_locking=self._attrs["use_locking"]).op]
        return super()._finish(updates, name)


class RMSPropOptimizer(Optimizer):
    """s = decay * s + (1 - decay) * g²;  a = momentum * a + rate * g / sqrt(s + epsilon);  v -= a.

    Centered: s - (the mean gradient)² in place of s.
    """

    def __init__(self, learning_rate: Any, decay: Any = 0.9, momentum: Any = 0.0, epsilon: Any = 1e-10,
                 use_locking: bool = False, centered: bool = False, name: str = "RMSProp") -> None:  # fmt: skip
        super().__init__(use_locking, name)
        self._settings = {"learning_rate": learning_rate, "decay": decay, "momentum": momentum, "epsilon": epsilon}
        self._centered = centered
        self.kind = "ApplyCenteredRMSProp" if centered else "ApplyRMSProp"
        self.slot_inputs = ("mg", "rms", "momentum") if centered else ()

    def _create_slots(self, variables: list[Variable]) -> None:
        for v in variables:
            self._slot(v, "rms", 1.0)
            if self._centered:
                self._slot(v, "mg")
            self._slot(v, "momentum")

    def _update(self, f: Formula, gradient: Tensor, variable: Variable, settings: dict[str, Tensor]) -> list:
        rms, slot = self._slot(variable, "rms"), self._slot(variable, "momentum")
        g, rest = f(gradient), 1 - f(settings["decay"])
        square = f(rms) + (g.square() - f(rms)) * rest
        inside, changed = square + settings["epsilon"], [(rms, square.tensor)]
        if self._centered:
            mg = self._slot(variable, "mg")
            mean = f(mg) + (g - f(mg)) * rest
            inside, changed = square - mean.square() + settings["epsilon"], [(mg, mean.tensor), *changed]
        total = f(slot) * settings["momentum"] + g * settings["learning_rate"] / inside.sqrt()
        return [(variable, (f(variable) - total).tensor), *changed, (slot, total.tensor)]


class AdagradOptimizer(Optimizer):
    """s = s + g²;  v -= rate * g / sqrt(s)  (Duchi et al. 2011)."""

    kind = "ApplyAdagrad"

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1, use_locking: bool = False,
                 name: str = "Adagrad") -> None:  # fmt: skip
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._settings, self._start = {"learning_rate": learning_rate}, initial_accumulator_value

    def _create_slots(self, variables: list[Variable]) -> None:
        for v in variables:
            self._slot(v, "accumulator", self._start)

    def _update(self, f: Formula, gradient: Tensor, variable: Variable, settings: dict[str, Tensor]) -> list:
        slot, g = self._slot(variable, "accumulator"), f(gradient)
        total = f(slot) + g.square()
        return [(variable, (f(variable) - g * settings["learning_rate"] / total.sqrt()).tensor), (slot, total.tensor)]


class AdadeltaOptimizer(Optimizer):
    """s = rho * s + (1 - rho) * g²;  u = sqrt(d + epsilon) / sqrt(s + epsilon) * g;  d = rho * d + (1 - rho) * u²;
    v -= lr * u  (Zeiler 2012)."""

    kind = "ApplyAdadelta"

    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.95, epsilon: Any = 1e-8, use_locking: bool = False,
                 name: str = "Adadelta") -> None:  # fmt: skip
        super().__init__(use_locking, name)
        self._settings = {"lr": learning_rate, "rho": rho, "epsilon": epsilon}

    def _create_slots(self, variables: list[Variable]) -> None:
        for v in variables:
            self._slot(v, "accum")
            self._slot(v, "accum_update")

    def _update(self, f: Formula, gradient: Tensor, variable: Variable, settings: dict[str, Tensor]) -> list:
        accum, moved = self._slot(variable, "accum"), self._slot(variable, "accum_update")
        g, rho, epsilon = f(gradient), settings["rho"], settings["epsilon"]
        rest = 1 - f(rho)
        total = f(accum) * rho + g.square() * rest
        update = (f(moved) + epsilon).sqrt() / (total + epsilon).sqrt() * g
        return [(variable, (f(variable) - update * settings["lr"]).tensor), (accum, total.tensor),
                (moved, (f(moved) * rho + update.square() * rest).tensor)]  # fmt: skip


# --- the global step ----------------------------------------------------------------------------------------------
def create_global_step(graph: Graph | None = None) -> Variable:
    """The int64 variable that counts steps; ValueError where the graph has one."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return get_variable("global_step", [], _dtypes.int64, Zeros(_dtypes.int64), trainable=False,
                            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP])  # fmt: skip


def get_global_step(graph: Graph | None = None) -> Variable | None:
    """The graph's variable that counts steps, or None."""
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    return found[0] if found else None


def get_or_create_global_step(graph: Graph | None = None) -> Variable:
    return get_global_step(graph) or create_global_step(graph)


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The value of the variable that counts steps."""
    return int(sess.run(global_step_tensor))


_missing.explain(__name__)
