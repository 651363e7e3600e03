"""Variables assigned to inside tf.cond and tf.while_loop. The numbers are TensorFlow 1.15.5's, but for one case noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

P: Any = None  # the predicate of each case


def run(c: Any, feeds: list[bool], *variables: Any) -> list[Any]:
    """What c gives and the variables hold, for each value of the predicate."""
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return [[sess.run(c, {P: b}), *sess.run(list(variables))] for b in feeds]


def both_branches() -> Any:
    v = tf.Variable(1.0)
    return run(tf.cond(P, lambda: tf.assign(v, 5.0), lambda: tf.assign_add(v, 1.0)), [False, True, False], v)


def by_control_dependency() -> Any:
    v = tf.Variable([1.0, 2.0])

    def update() -> Any:
        with tf.control_dependencies([tf.assign_add(v, [1.0, 1.0])]):
            return tf.constant(7.0)

    return run(tf.cond(P, update, lambda: tf.constant(3.0)), [False, True], v)


def an_operation() -> Any:
    v = tf.Variable(1.0)
    c = tf.cond(P, lambda: tf.group(tf.assign_add(v, 2.0)), tf.no_op)
    return [row[1:] for row in run(c, [True, False], v)]


def not_needed() -> Any:
    v = tf.Variable(1.0)

    def update() -> Any:
        tf.assign_add(v, 1.0)
        return tf.constant(1.0)

    return run(tf.cond(P, update, lambda: tf.constant(0.0)), [True], v)


def in_a_loop() -> Any:
    v = tf.Variable(1.0)

    def body(i: Any) -> Any:
        with tf.control_dependencies([tf.assign_add(v, 2.0)]):
            return i + 1

    return run(tf.while_loop(lambda i: i < 5, body, [0]), [True, True], v)


def read_and_assigned_in_a_loop() -> Any:
    """TensorFlow adds the buffer after it has changed again: 64 and not 30."""
    v = tf.Variable(1.0)

    def body(i: Any, total: Any) -> Any:
        return i + 1, total + tf.assign(v, v.read_value() * 2.0)

    return run(tf.while_loop(lambda i, total: i < 4, body, [0, 0.0]), [True], v)


def two_variables() -> Any:
    v, w = tf.Variable(1.0), tf.Variable(10.0)
    c = tf.cond(P, lambda: (tf.assign_add(v, 1.0), tf.identity(w)), lambda: (tf.identity(v), tf.assign_sub(w, 1.0)))
    return run(c, [True, False, True], v, w)


def one_after_the_other() -> Any:
    v = tf.Variable(1.0)
    first = tf.cond(P, lambda: tf.assign_add(v, 1.0), lambda: tf.identity(v))
    with tf.control_dependencies([first]):
        second = tf.cond(P, lambda: tf.assign(v, v.read_value() * 10.0), lambda: tf.identity(v))
    return run(second, [True, False], v)


def a_branch_in_a_loop() -> Any:
    v = tf.Variable(0.0)

    def body(i: Any) -> Any:
        u = tf.cond(tf.equal(i % 2, 0), lambda: tf.assign_add(v, tf.cast(i, tf.float32)), lambda: tf.identity(v))
        with tf.control_dependencies([u]):
            return i + 1

    return run(tf.while_loop(lambda i: i < 7, body, [0]), [True], v)


def in_sequence() -> Any:
    v = tf.Variable(1.0)

    def update() -> Any:
        a = tf.assign_add(v, 1.0)
        with tf.control_dependencies([a]):
            b = tf.assign(v, v.read_value() * 3.0)
        with tf.control_dependencies([b]):
            return v.read_value() + a * 0

    return run(tf.cond(P, update, lambda: tf.constant(0.0)), [True], v)


def moving_mean() -> Any:
    x, m = tf.constant([1.0, 3.0]), tf.Variable(0.0, trainable=False)

    def train() -> Any:
        mean = tf.reduce_mean(x)
        with tf.control_dependencies([tf.assign(m, m * 0.5 + mean * 0.5)]):
            return tf.identity(mean)

    return run(x - tf.cond(P, train, lambda: m), [True, False], m)


def a_step_of_descent() -> Any:
    v = tf.Variable(3.0)
    slope = tf.gradients(v * v, v)[0]
    c = tf.cond(P, lambda: tf.group(tf.assign_sub(v, 0.5 * slope)), tf.no_op)
    return [row[1:] for row in run(c, [True], v)]


CASES: list[tuple[Callable[[], Any], Any]] = [
    (both_branches, [[2, 2], [5, 5], [6, 6]]), (by_control_dependency, [[3, [1, 2]], [7, [2, 3]]]), (an_operation, [[3], [3]]),
    (not_needed, [[1, 1]]), (in_a_loop, [[5, 11], [5, 21]]), (read_and_assigned_in_a_loop, [[[4, 30], 16]]),
    (two_variables, [[[2, 10], 2, 10], [[2, 9], 2, 9], [[3, 9], 3, 9]]), (one_after_the_other, [[20, 20], [20, 20]]),
    (a_branch_in_a_loop, [[7, 12]]), (in_sequence, [[6, 6]]), (moving_mean, [[[-1, 1], 1], [[0, 2], 1]]),
    (a_step_of_descent, [[0]]),
]  # fmt: skip


def plain(value: Any) -> Any:
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else np.asarray(value).tolist()


@pytest.mark.parametrize("case, expected", CASES, ids=[c[0].__name__ for c in CASES])
def test_assignments(case: Callable[[], Any], expected: Any) -> None:
    global P
    with tf.Graph().as_default():
        P = tf.placeholder(tf.bool, [])
        assert plain(case()) == expected
