"""tf.map_fn, tf.foldl, tf.foldr, tf.scan and tf.einsum: values and gradients by NumPy, and TensorFlow's words."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)
EMPTY = np.zeros((0, 3), np.float32)


def states(rows: Any, begin: Any) -> np.ndarray:
    """a = 2 a + r, each time."""
    return np.array(list(itertools.accumulate(rows, lambda a, r: 2 * a + r, initial=begin))[1:])


ZERO = np.zeros(3)
# code with x = constant X and u = placeholder [None, 3] fed X; its static shape; its value
VALUES = [
    ("tf.map_fn(lambda r: r * 2., x)", (2, 3), X * 2),
    ("tf.map_fn(lambda r: r * 2., u)", (None, 3), X * 2),
    ("tf.map_fn(tf.reduce_sum, u)", (None,), X.sum(1)),
    ("tf.map_fn(lambda ab: ab[0] + ab[1], (x, u), dtype=tf.float32)", (2, 3), X * 2),
    ("tf.map_fn(lambda d: d['a'] * 2. + d['b'], {'a': x, 'b': u}, dtype=tf.float32)", (2, 3), X * 3),
    ("tf.map_fn(lambda r: (r, tf.reduce_sum(r)), x, dtype=(tf.float32, tf.float32))[1]", (2,), X.sum(1)),
    ("tf.map_fn(lambda i: i * i, tf.range(4))", (4,), [0, 1, 4, 9]),
    ("tf.map_fn(lambda i: i * i, np.array([1, 2, 3]))", (3,), [1, 4, 9]),
    ("tf.map_fn(lambda i: tf.cast(i, tf.float32), tf.range(4), dtype=tf.float32)", (4,), [0, 1, 2, 3]),
    ("tf.map_fn(lambda r: 1.0, x)", (2,), [1, 1]),
    ("tf.map_fn(lambda r: r, tf.constant(EMPTY))", (0, 3), EMPTY),
    ("tf.map_fn(lambda r: tf.map_fn(lambda q: q + r[0], r), u)", (None, 3), X + X[:, :1]),
    ("tf.map_fn(lambda r: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * r), (0, r))[1], u)", (None, 3), X**4),
    ("tf.foldl(lambda a, r: a * 2. + r, x)", (3,), 2 * X[0] + X[1]),
    ("tf.foldl(lambda a, r: a * 2. + r, u)", (3,), 2 * X[0] + X[1]),
    ("tf.foldl(lambda a, r: a * 2. + r, u, initializer=tf.ones([3]))", (3,), states(X, 1 + ZERO)[-1]),
    ("tf.foldl(lambda a, r: a + r, tf.constant(EMPTY), initializer=tf.ones([3]))", (3,), [1, 1, 1]),
    ("tf.foldl(lambda a, ab: a + ab[0] * ab[1], (x, u), initializer=tf.zeros([3]))", (3,), (X * X).sum(0)),
    ("tf.foldr(lambda a, r: a * 2. + r, x)", (3,), 2 * X[1] + X[0]),
    ("tf.foldr(lambda a, r: a * 2. + r, u, initializer=tf.zeros([3]))", (3,), 2 * X[1] + X[0]),
    ("tf.scan(lambda a, r: a * 2. + r, x)", (2, 3), states(X, ZERO)),
    ("tf.scan(lambda a, r: a * 2. + r, u)", (None, 3), states(X, ZERO)),
    ("tf.scan(lambda a, r: a * 2. + r, u, initializer=tf.ones([3]))", (None, 3), states(X, 1 + ZERO)),
    ("tf.scan(lambda a, r: a * 2. + r, x, reverse=True)", (2, 3), states(X[::-1], ZERO)[::-1]),
    ("tf.scan(lambda a, r: a * 2. + r, u, initializer=tf.zeros([3]), reverse=True)", (None, 3), states(X[::-1], ZERO)[::-1]),
    ("tf.scan(lambda a, r: (a[1], a[0] + a[1]), tf.range(6), initializer=(0, 1))[1]", (6,), [1, 2, 3, 5, 8, 13]),
    ("tf.scan(lambda a, r: a + tf.reduce_sum(r), x, initializer=0.)", (2,), [6, 21]),
    ("tf.gradients(tf.reduce_sum(tf.map_fn(lambda r: r * r * r, u)), u)[0]", (None, 3), 3 * X**2),
    ("tf.gradients(tf.map_fn(lambda r: r * tf.reduce_sum(x), u), x)[0]", (2, 3), np.full((2, 3), X.sum())),
    ("tf.gradients(tf.scan(lambda a, r: a * r, u, initializer=tf.ones([3])), u)[0]", (None, 3), [1 + X[1], X[0]]),
    ("tf.gradients(tf.scan(lambda a, r: a * r, x), x)[0]", (2, 3), [1 + X[1], X[0]]),
    ("tf.gradients(tf.foldl(lambda a, r: a * r, u, initializer=tf.ones([3])), u)[0]", (None, 3), X[::-1]),
    ("tf.gradients(tf.gradients(tf.map_fn(lambda r: r * r * r, u), u), u)[0]", (None, 3), 6 * X),
]


@pytest.mark.parametrize(("code", "static", "expected"), VALUES, ids=[v[0] for v in VALUES])
def test_a_value(code: str, static: tuple, expected: Any) -> None:
    u = tf.placeholder(tf.float32, [None, 3])
    made = eval(code, {"tf": tf, "np": np, "x": tf.constant(X), "u": u, "EMPTY": EMPTY})
    assert made.shape.as_list() == list(static)
    with tf.Session() as sess:
        value = sess.run(made, {u: X})
    assert value.shape == np.shape(expected) and value.tolist() == np.asarray(expected).tolist()


def test_no_elements_at_all() -> None:
    u = tf.placeholder(tf.float32, [None, 3])
    made = [tf.map_fn(lambda r: r + 1.0, u), tf.scan(lambda a, r: a + r, u, initializer=tf.zeros([3]))]
    with tf.Session() as sess:
        assert [v.shape for v in sess.run(made, {u: EMPTY})] == [(0, 3), (0, 3)]


def test_variables_are_shared_by_all_elements() -> None:
    def layer(r: Any) -> Any:
        with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
            return r * tf.get_variable("w", [3])

    with tf.variable_scope("s"):
        w = tf.get_variable("w", [3], initializer=tf.constant_initializer([1.0, 2.0, 3.0]))
    calls: list[Any] = []
    out = tf.map_fn(lambda r: calls.append(r) or layer(r), tf.constant(X))
    (gradient,) = tf.gradients(out, w)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        value, g = sess.run([out, gradient])
    assert tf.global_variables() == [w]
    assert value.tolist() == (X * [1, 2, 3]).tolist() and g.tolist() == X.sum(0).tolist()
    assert out.name == "map/TensorArrayStack/TensorArrayGatherV3:0" and calls[-1].name == "map/while/TensorArrayReadV3:0"


ERRORS = [
    ("tf.map_fn(3, x)", TypeError, "fn must be callable."),
    ("tf.map_fn(lambda i: i, [1, 2, 3])", ValueError, "elements in elems must be 1+ dimensional Tensors, not scalars"),
    ("tf.map_fn(lambda i: i, tf.constant(1.))", ValueError, "elems must be a 1+ dimensional Tensor, not a scalar"),
    ("tf.map_fn(lambda ab: ab[0], (x, tf.ones([3, 3])), dtype=tf.float32)", ValueError, "Dimensions 2 and 3 are not compatible"),
    ("tf.map_fn(lambda r: [r, r], x)", ValueError, "The two structures don't have the same nested structure."),
    ("tf.map_fn(lambda i: tf.cast(i, tf.float32), tf.range(4))", tf.errors.InvalidArgumentError,
     "TensorArray dtype is int32 but Op is trying to write dtype float."),
    ("tf.map_fn(lambda i: tf.range(i), tf.range(3))", NotImplementedError, "tf.map_fn: the function's results have to have shapes known"),
    ("tf.map_fn(lambda r: r / (1 // 0), x)", ZeroDivisionError, "integer division or modulo by zero"),
    ("tf.foldl(lambda a, r: a + r, (x, x))", ValueError, "The two structures don't have the same nested structure."),
    ("tf.scan(lambda a, r: r, x, initializer=tf.constant(0.))", ValueError, "Inconsistent shapes: saw (3,) but expected ()"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), ERRORS, ids=[e[0] for e in ERRORS])
def test_an_error(code: str, kind: type, text: str) -> None:
    with pytest.raises(kind) as e:
        eval(code, {"tf": tf, "x": tf.constant(X)})
    assert str(e.value).startswith(text)
