"""tf.train: decaying rates and moving averages, by their formulas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import twofold.tensorflow as tf

# code with the step g; the rate at a step
RATES: list[tuple[str, Callable[[float], float]]] = [
    ("exponential_decay(.1, g, 7, .5)", lambda n: 0.1 * 0.5 ** (n / 7)),
    ("exponential_decay(.1, g, 7, .5, staircase=True)", lambda n: 0.1 * 0.5 ** (n // 7)),
    ("natural_exp_decay(.1, g, 7, .5)", lambda n: 0.1 * np.exp(-0.5 * n / 7)),
    ("natural_exp_decay(.1, g, 7, .5, True)", lambda n: 0.1 * np.exp(-0.5 * (n // 7))),
    ("inverse_time_decay(.1, g, 7, .5)", lambda n: 0.1 / (1 + 0.5 * n / 7)),
    ("inverse_time_decay(.1, g, 7, .5, True)", lambda n: 0.1 / (1 + 0.5 * (n // 7))),
    ("polynomial_decay(.1, g, 10, .01)", lambda n: 0.09 * (1 - min(n, 10) / 10) + 0.01),
    ("polynomial_decay(.1, g, 10, .01, 2., True)", lambda n: 0.09 * (1 - n / (10 * max(1, np.ceil(n / 10)))) ** 2 + 0.01),
    ("cosine_decay(.1, g, 15, .1)", lambda n: 0.1 * (0.9 * (1 + np.cos(np.pi * min(n, 15) / 15)) / 2 + 0.1)),
    ("piecewise_constant(g, [10, 20], [1., .5, .1])", lambda n: 1 if n <= 10 else 0.5 if n <= 20 else 0.1),
    ("piecewise_constant(g, [10], [1., .5])", lambda n: 1 if n <= 10 else 0.5),
]


@pytest.mark.parametrize(("code", "rate"), RATES, ids=[r[0] for r in RATES])
def test_a_rate(code: str, rate: Callable[[float], float]) -> None:
    g = tf.train.get_or_create_global_step()
    made = eval("tf.train." + code, {"tf": tf, "g": g})
    with tf.Session() as sess:
        for n in (0, 5, 10, 11, 20, 21, 40):
            g.load(n, sess) if n else sess.run(g.initializer)
            np.testing.assert_allclose(sess.run(made), rate(n), rtol=1e-5)


def test_a_rate_drives_an_optimiser() -> None:
    g, v = tf.train.create_global_step(), tf.Variable(0.0)
    train = tf.train.GradientDescentOptimizer(tf.train.piecewise_constant(g, [1], [1.0, 0.25])).minimize(-v, g)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for _ in range(4):
            sess.run(train)
            seen.append(float(sess.run(v)))
    assert seen == [1, 2, 2.25, 2.5]


ERRORS = [
    ("piecewise_constant(g, [1, 2], [1., 2.])", "The length of boundaries should be 1 less than the length of values"),
    ("piecewise_constant(g, [1], [1., 2])", "Values must have elements all with the same dtype (<dtype: 'float32'> vs <dtype: 'int32'>)."),
    ("piecewise_constant(g, [1.5], [1., 2.])", "Boundaries (<dtype: 'float32'>) must have the same dtype as x (<dtype: 'int32'>)."),
    ("polynomial_decay(.1, None, 3)", "None values not supported."),
]


@pytest.mark.parametrize(("code", "text"), ERRORS, ids=[e[0] for e in ERRORS])
def test_an_error(code: str, text: str) -> None:
    with pytest.raises(ValueError) as e:
        eval("tf.train." + code, {"tf": tf, "g": tf.placeholder(tf.int32, [])})
    assert str(e.value) == text


# --- averages -----------------------------------------------------------------------------------------------------
def test_averages_of_variables_and_tensors() -> None:
    v, k = tf.Variable([1.0, 2.0], name="v"), tf.Variable(0.0)
    t = v * 2.0
    plain, debiased = tf.train.ExponentialMovingAverage(0.9), tf.train.ExponentialMovingAverage(0.5, zero_debias=True)
    slow = tf.train.ExponentialMovingAverage(0.99, num_updates=k, name="slow")
    updates = [plain.apply([v]), debiased.apply([t]), slow.apply([v, t])]
    change = [v.assign_add([1.0, 1.0]), k.assign_add(1.0)]
    values = [plain.average(v), debiased.average(t), slow.average(v), slow.average(t)]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        x = np.array([1.0, 2.0])
        expected = [x, x * 0, x, x * 0]
        biased = x * 0
        for n in range(1, 4):
            sess.run(change)
            sess.run(updates)
            x = x + 1
            d, biased = (1 + n) / (10 + n), 0.5 * biased + 0.5 * 2 * x
            expected = [0.9 * expected[0] + 0.1 * x, biased / (1 - 0.5**n), d * expected[2] + (1 - d) * x, d * expected[3] + (1 - d) * 2 * x]
            for value, wanted in zip(sess.run(values), expected):
                np.testing.assert_allclose(value, wanted, rtol=1e-5)


def test_names_of_averages() -> None:
    v, w = tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w", trainable=False)
    average = tf.train.ExponentialMovingAverage(0.9)
    assert average.average(v) is None and average.average_name(v) == "v/ExponentialMovingAverage"
    assert average.apply([v]).name == "ExponentialMovingAverage" and average.apply([v]).name == "ExponentialMovingAverage_1"
    held = average.average(v)
    assert held.name == "v/ExponentialMovingAverage:0" and not held.trainable and tf.moving_average_variables() == [v]
    assert average.variables_to_restore() == {"v/ExponentialMovingAverage": v, "w": w}
    with pytest.raises(TypeError, match="The variables must be half, float, or double: n:0"):
        average.apply([tf.Variable(1, name="n")])


# How many operations TensorFlow 1.15 makes: it asks whether each variable has a value, twice.
@pytest.mark.parametrize(("code", "count"), [("[v]", 31), ("[v, w]", 60), ("[v * 2.0]", 13)])
def test_the_count_of_operations(code: str, count: int) -> None:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(1.0)
    before = len(tf.get_default_graph().get_operations())
    tf.train.ExponentialMovingAverage(0.9).apply(eval(code, {"v": v, "w": w}))
    assert len(tf.get_default_graph().get_operations()) - before == count
