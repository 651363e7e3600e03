"""tf.train.ExponentialMovingAverage: variables that follow others slowly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._control import group
from twofold.tensorflow._dtypes import float32
from twofold.tensorflow._graph import GraphKeys, Operation, get_default_graph
from twofold.tensorflow._initializers import Zeros
from twofold.tensorflow._math import cast
from twofold.tensorflow._node_attrs import colocate
from twofold.tensorflow._op import ROWS, operation, scope_of, shadows
from twofold.tensorflow._scopes import get_variable, variable_scope
from twofold.tensorflow._tensor import Tensor, convert
from twofold.tensorflow._variables import Variable, assign, assign_add, assign_sub, global_variables, trainable_variables

# How TensorFlow asks whether a variable has a value yet, to begin an average with it or with the initial one.
_INITIALIZED = "cond/Switch cond/switch_t cond/switch_f cond/pred_id cond/read:Identity cond/read/Switch:RefSwitch cond/Switch cond/Merge"


class ExponentialMovingAverage:
    """average = decay * average + (1 - decay) * value, for variables and tensors.

    With `num_updates`, a number that grows, the decay starts low: min(decay, (1 + n) / (10 + n)). With zero_debias the
    averages of tensors are divided by what they have not yet reached for having begun at zero.
    """

    def __init__(self, decay: Any, num_updates: Any = None, zero_debias: bool = False, name: str = "ExponentialMovingAverage") -> None:
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages: dict[Any, Variable] = {}

    @property
    def name(self) -> str:
        return self._name

    def apply(self, var_list: Sequence[Any] | None = None) -> Operation:
        """The operation that brings the averages up to date; makes those that are not there yet."""
        values = trainable_variables() if var_list is None else list(var_list)
        debiased = []
        for v in values:
            if not v.dtype.base_dtype.is_floating:
                raise TypeError(f"The variables must be half, float, or double: {v.name}")
            if v not in self._averages:
                self._averages[v] = self._of_variable(v) if isinstance(v, Variable) else self._from_zero(v)
                debiased += [v] if self._zero_debias and not isinstance(v, Variable) else []
        with scope_of(self._name, self._name) as scope:
            decay = self._current_decay()
            return group(*[_followed(self._averages[v], v, decay, v in debiased) for v in values], name=scope)

    def _current_decay(self) -> Tensor:
        decay = convert(self._decay, name="decay")
        if self._num_updates is None:
            return decay
        count = cast(self._num_updates, float32, name="num_updates")
        return ROWS["minimum"](decay, (1.0 + count) / (10.0 + count))

    def _of_variable(self, v: Variable) -> Variable:
        """Begins with the variable's initial value."""
        graph, name = get_default_graph(), f"{v.op.name}/{self._name}"
        with graph.control_dependencies(None):
            shadows("IsVariableInitialized")
            with graph.name_scope("cond") as inside:
                shadows(_INITIALIZED.replace("cond/", ""))
            with variable_scope(None, name) as scope:
                made = get_variable("", initializer=_guarded(v, inside, scope.name), trainable=False)
                with graph.name_scope(None):
                    shadows(" ".join(f"{scope.name}/{n}" for n in ["IsVariableInitialized", *_INITIALIZED.split()]))
        graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, v)
        return made

    def _from_zero(self, t: Tensor) -> Variable:
        with get_default_graph().control_dependencies(None), variable_scope(None, f"{t.op.name}/{self._name}"):
            return get_variable("", t.shape, t.dtype.base_dtype, Zeros(), trainable=False)

    # --- what there is
    def average(self, var: Any) -> Variable | None:
        """The variable that holds the average."""
        return self._averages.get(var)

    def average_name(self, var: Any) -> str:
        """The name of that variable, made or not."""
        return self._averages[var].op.name if var in self._averages else f"{var.op.name}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Sequence[Any] | None = None) -> dict[str, Variable]:
        """Names to load variables from: of those that are averaged (the trainable ones, and those given to apply(), by
        default) the averages'."""
        averaged = moving_avg_variables
        if averaged is None:
            averaged = [*trainable_variables(), *get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES)]
        chosen = {self.average_name(v): v for v in averaged}
        held = set(chosen.values())
        names = {v.op.name for v in held} | set(chosen)
        return chosen | {v.op.name: v for v in global_variables() if v not in held and v.op.name not in names}


def _guarded(v: Variable, inside: str, name: str) -> Tensor:
    """The initial value under the name of the last of TensorFlow's nodes that make it."""
    with get_default_graph().name_scope(None):
        shadows(f"{inside}read/Switch_{name}:Switch {inside}read_{name}:Identity")
        with scope_of(f"{inside}Merge_{name}", "Merge") as scope:
            return operation("Merge", scope, [v._initial], lambda step: step("identity", v._initial)).outputs[0]


def _followed(average: Variable, value: Any, decay: Tensor, debias: bool) -> Tensor:
    """The assignment that moves an average towards a value."""
    with scope_of("AssignMovingAvg", "AssignMovingAvg") as scope:
        rest = cast(1.0 - decay, average.dtype.base_dtype)
        if debias:
            return assign(average, _debiased(average, value, rest), name=scope)
        return assign_sub(average, (average - value) * rest, name=scope)


def _debiased(average: Variable, value: Any, rest: Tensor) -> Tensor:
    """The biased average, kept beside, divided by 1 - decay**steps."""
    with variable_scope(average.op.name):
        biased = get_variable("biased", average.shape, average.dtype.base_dtype, Zeros(), trainable=False)
        steps = get_variable("local_step", [], average.dtype.base_dtype, Zeros(), trainable=False)
    for v in (biased, steps):
        colocate(v.op, average.op)
    moved = assign_sub(biased, (biased - value) * rest, name="AssignSub")
    counted = assign_add(steps, 1.0, name="AssignAdd")
    return moved / (1.0 - ROWS["pow"](1.0 - rest, counted))
