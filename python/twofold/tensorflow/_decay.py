"""Learning rates that change with the step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._flow import cond
from twofold.tensorflow._graph import get_default_graph
from twofold.tensorflow._math import cast, div
from twofold.tensorflow._op import ROWS, Steps, operation, scope_of, shadows
from twofold.tensorflow._tensor import Tensor, constant, convert


def exponential_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                      name: str | None = None) -> Tensor:  # fmt: skip
    """learning_rate * decay_rate ** (global_step / decay_steps); the exponent rounded down with `staircase`."""
    with scope_of(name, "ExponentialDecay", [learning_rate, global_step, decay_steps, decay_rate]) as scope:
        rate = convert(learning_rate, name="initial_learning_rate")
        steps, base = cast(decay_steps, rate.dtype), cast(decay_rate, rate.dtype)
        exponent = _passed(global_step, steps, staircase)
        return ROWS["multiply"](rate, ROWS["pow"](base, exponent), name=scope)


def _passed(global_step: Any, steps: Tensor, staircase: bool) -> Tensor:
    """How many times `steps` have passed, whole times only with `staircase`."""
    times = cast(global_step, steps.dtype) / steps
    return ROWS["floor"](times) if staircase else times


def natural_exp_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                      name: str | None = None) -> Tensor:  # fmt: skip
    """learning_rate * exp(-decay_rate * global_step / decay_steps)."""
    base = ROWS["exp"](ROWS["negative"](decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, base, staircase, name)


def inverse_time_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                       name: str | None = None) -> Tensor:  # fmt: skip
    """learning_rate / (1 + decay_rate * global_step / decay_steps)."""
    with scope_of(name, "InverseTimeDecay", [learning_rate, global_step, decay_rate]) as scope:
        rate = convert(learning_rate, name="initial_learning_rate")
        steps, factor = cast(decay_steps, rate.dtype), cast(decay_rate, rate.dtype)
        times = _passed(global_step, steps, staircase)
        one = cast(constant(1), rate.dtype)
        return div(rate, ROWS["add"](one, ROWS["multiply"](factor, times)), name=scope)


def polynomial_decay(learning_rate: Any, global_step: Any, decay_steps: Any, end_learning_rate: Any = 0.0001, power: Any = 1.0,
                     cycle: bool = False, name: str | None = None) -> Tensor:  # fmt: skip
    """From learning_rate to end_learning_rate in decay_steps, along (1 - part)**power; with `cycle` again over more steps."""
    with scope_of(name, "PolynomialDecay", [learning_rate, global_step, decay_steps, end_learning_rate, power]) as scope:
        rate = convert(learning_rate, name="initial_learning_rate")
        last, exponent = cast(end_learning_rate, rate.dtype), cast(power, rate.dtype)
        step, steps = cast(global_step, rate.dtype), cast(decay_steps, rate.dtype)
        if cycle:
            steps = ROWS["multiply"](steps, _cycles(step, decay_steps))
        else:
            step = ROWS["minimum"](step, decay_steps)
        part = step / steps
        return ROWS["add"](ROWS["multiply"](rate - last, ROWS["pow"](1 - part, exponent)), last, name=scope)


def _cycles(step: Tensor, decay_steps: Any) -> Tensor:
    """How many times decay_steps cover the steps, once at least."""
    return cond(ROWS["equal"](step, 0), lambda: constant(1.0), lambda: ROWS["ceil"](step / decay_steps))


def cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, alpha: float = 0.0, name: str | None = None) -> Tensor:
    """From learning_rate to alpha * learning_rate in decay_steps, along half a cosine."""
    with scope_of(name, "CosineDecay", [learning_rate, global_step]):
        rate = convert(learning_rate, name="initial_learning_rate")
        steps = cast(decay_steps, rate.dtype)
        part = ROWS["minimum"](cast(global_step, rate.dtype), steps) / steps
        cosine = 0.5 * (1.0 + ROWS["cos"](constant(math.pi) * part))
        return ROWS["multiply"](rate, (1 - alpha) * cosine + alpha)


# --- by steps -----------------------------------------------------------------------------------------------------
def piecewise_constant(x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None) -> Tensor:
    """values[0] while x <= boundaries[0], values[1] while x <= boundaries[1], ..., the last beyond."""
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    source = convert(x)
    limits = [convert(b) for b in boundaries]
    rates = [convert(v) for v in values]
    for r in rates[1:]:
        if r._dtype != rates[0]._dtype:
            raise ValueError(f"Values must have elements all with the same dtype ({rates[0].dtype} vs {r.dtype}).")
    for b in limits:
        _check_limit(b, source)
    limits = [cast(b, source.dtype) for b in limits]
    with scope_of(name, "PiecewiseConstant", [x]):
        tests = [source <= limits[0], source > limits[-1]]
        tests += [ROWS["logical_and"](source > low, source <= high, name="and") for low, high in zip(limits, limits[1:])]
        return _case(tests, [rates[0], rates[-1], *rates[1:-1]])


def _check_limit(boundary: Tensor, source: Tensor) -> None:
    widens = boundary.dtype.name == "int32" and source.dtype.name == "int64"
    if boundary._dtype != source._dtype and not widens:
        raise ValueError(f"Boundaries ({boundary.dtype}) must have the same dtype as x ({source.dtype}).")


# TensorFlow checks that one of the cases holds at most, which is so here.
_EXCLUSIVE = (
    "preds_c:Pack Cast Const num_true_conds:Sum n_true_conds LessEqual Assert/Const Assert/AssertGuard/Switch Assert/AssertGuard/switch_t "
    "Assert/AssertGuard/switch_f Assert/AssertGuard/pred_id Assert/AssertGuard/NoOp Assert/AssertGuard/control_dependency "
    "Assert/AssertGuard/Assert/data_0 Assert/AssertGuard/Assert Assert/AssertGuard/Assert/Switch Assert/AssertGuard/Assert/Switch "
    "Assert/AssertGuard/control_dependency Assert/AssertGuard/Merge"
)


def _case(tests: list[Tensor], rates: list[Tensor]) -> Tensor:
    """The rate of the test that holds, the first one if none does: in TensorFlow conds within conds, here a choice."""

    def chosen(step: Steps) -> Tensor:
        out = rates[0]
        for test, rate in zip(tests, rates):
            out = step("where", test, rate, out)
        return out

    with get_default_graph().name_scope("case"):
        shadows(_EXCLUSIVE)
        prefix = ""
        for k in range(len(tests)):
            prefix += "cond/"
            switches = f"{prefix}Switch " + f"{prefix}Switch/Switch " * k
            shadows(f"{switches}{prefix}switch_t {prefix}switch_f {prefix}pred_id " + f"{prefix}Switch " * (k + 1 + (k + 1) * (k + 1 == len(tests))))
        for k in range(len(tests), 1, -1):
            shadows("cond/" * k + "Merge")
        with scope_of("cond/Merge", "Merge") as inner:
            return operation("Merge", inner, [*tests, *rates], chosen).outputs[0]


