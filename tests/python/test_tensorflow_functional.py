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


# --- einsum -------------------------------------------------------------------------------------------------------
A, B, C = (np.random.RandomState(k).randn(*s).astype(np.float32) for k, s in enumerate([(2, 3, 4), (2, 4, 5), (2, 5, 4)]))
EINSUM = [
    ("ij,jk->ik", [A[0], B[0]]), ("ij,kj->ik", [A[0], C[0]]), ("ij->ji", [A[0]]), ("ij->i", [A[0]]), ("ij->", [A[0]]), ("i,j->ij", [A[0, 0], B[0, 0]]),
    ("ij,ij->ij", [A[0], A[1]]), ("ij,ij->i", [A[0], A[1]]), ("ij,ij->", [A[0], A[1]]), ("ij,ij->j", [A[0], A[1]]), ("bij,bjk->bik", [A, B]),
    ("bij,bkj->bik", [A, C]), ("ijk,k->ij", [A, A[0, 0]]), ("ij,jk", [A[0], B[0]]), ("ba,cb", [C[0], A[0, :, :3].repeat(2, 1)[:, :5]]),
    ("ij,jk,kl->il", [A[0], B[0], C[0]]), ("bij,bjk,bkl->il", [A, B, C]), ("ij,ij,ij->i", [A[0], A[1], A[0]]), ("i,ij,j->", [A[0, :, 0], A[0], A[1, 0]]),
    ("ij,kl->ijkl", [A[0], B[0]]), ("...ij,...jk->...ik", [A, B]), ("...i,ij->...j", [A, B[0]]), ("i j , j k -> k i", [A[0], B[0]]),
    ("zay,zax->xzy", [B, A.transpose(0, 2, 1)]), ("bnd,dhk->bnhk", [A, B.reshape(4, 5, 2)]), ("bi,bj->bij", [A[0], A[1]]), ("ijk,jk->i", [A, A[0]]),
]  # fmt: skip


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize(("equation", "arrays"), EINSUM, ids=[e[0] for e in EINSUM])
def test_einsum(equation: str, arrays: list[np.ndarray], told: bool) -> None:
    """Known sizes, and sizes that only the run tells; the gradient of the sum by the first operand by NumPy too."""
    inputs = [tf.placeholder(tf.float32, [None] * a.ndim) if told else tf.constant(a) for a in arrays]
    made = tf.einsum(equation, *inputs)
    gradient = tf.gradients(made, inputs[0])[0]
    expected = np.einsum(equation, *[a.astype(np.float64) for a in arrays])
    with tf.Session() as sess:
        value, g = sess.run([made, gradient], dict(zip(inputs, arrays)) if told else {})
    assert value.shape == expected.shape and g.shape == arrays[0].shape
    np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)
    # einsum is linear in each operand: the gradient times a direction is the change along it.
    direction = np.random.RandomState(9).randn(*arrays[0].shape)
    np.testing.assert_allclose((g * direction).sum(), np.einsum(equation, direction, *arrays[1:]).sum(), rtol=1e-4, atol=1e-4)


EINSUM_ERRORS = [
    ("'ii->i', m", ValueError, "Subscript not supported: an axis appears more than once: ii"),
    ("'ij', m, m", ValueError, 'Got 2 arguments for equation "ij", expecting 1'),
    ("'ij,jk', m", ValueError, 'Got 1 arguments for equation "ij,jk", expecting 2'),
    ("'ij->k', m", ValueError, "Invalid equation: ij->k"),
    ("'i->ij', m[0]", ValueError, "Invalid equation: i->ij"),
    ("'ij;jk->ik', m, m", ValueError, "Indices have incorrect format: ij;jk->ik"),
    ("'ij,jk->ik', m, m[0]", ValueError, "Unexpected number of dimensions: 'jk' for a tensor of shape (3,)"),
    ("'ij,jk->ik', m, m, foo=1", TypeError, "invalid keyword arguments for this function: foo"),
    ("'ij,jk->ik', tf.ones([2, 3]), m[:2]", ValueError, "Cannot reshape a tensor with 6 elements to shape [3,3] (9 elements) for 'einsum/Reshape'"),
]


@pytest.mark.parametrize(("arguments", "kind", "text"), EINSUM_ERRORS, ids=[e[0] for e in EINSUM_ERRORS])
def test_an_error_of_einsum(arguments: str, kind: type, text: str) -> None:
    with pytest.raises(kind) as e:
        eval(f"tf.einsum({arguments})", {"tf": tf, "m": tf.ones([3, 3])})
    assert str(e.value).startswith(text)
