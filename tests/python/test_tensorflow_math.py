"""Statistics, grids, polynomials, scattered assignments, and tf.math, tf.linalg, tf.random, tf.bitwise: values by NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

X = np.array([[1.0, 2.0, 0.0], [4.0, 5.0, 6.0]], np.float32)
Y = np.array([[1.0, 0.5, 2.0], [0.0, 1.0, 1.0]], np.float32)
AXY = np.average(X, 0, Y)

# code with x, y = placeholders [None, 3] fed X, Y; what it must give
VALUES = [
    ("tf.math.reduce_std(x)", X.std()),
    ("tf.math.reduce_std(x, 1)", X.std(1)),
    ("tf.math.reduce_variance(x, axis=0, keepdims=True)", X.var(0, keepdims=True)),
    ("tf.nn.weighted_moments(x, [0], y)", [AXY, np.average((X - AXY) ** 2, 0, Y)]),
    ("tf.nn.weighted_moments(x, [0, 1], 2., keep_dims=True)", [[[X.mean()]], [[X.var()]]]),
    ("tf.nn.zero_fraction(x)", 1 / 6),
    ("tf.nn.zero_fraction(x[:0])", np.nan),
    ("tf.nn.sufficient_statistics(tf.constant(X), [0])[:2]", [2, X.sum(0)]),
    ("tf.nn.sufficient_statistics(tf.constant(X), [0], 1.)[2]", ((X - 1) ** 2).sum(0)),
    ("tf.nn.normalize_moments(2., [1.], [3.], None)", [[0.5], [1.25]]),
    ("tf.nn.normalize_moments(2., [1.], [3.], .5)", [[1], [1.25]]),
    ("tf.clip_by_average_norm(x, 1.)", X * 6 / np.sqrt((X * X).sum())),
    ("tf.clip_by_average_norm(x, 100.)", X),
    ("tf.meshgrid([1, 2, 3], [4, 5])", np.meshgrid([1, 2, 3], [4, 5])),
    ("tf.meshgrid([1., 2.], [4.], [5., 6.], indexing='ij')", np.meshgrid([1, 2], [4], [5, 6], indexing="ij")),
    ("tf.meshgrid([7, 8])", [[7, 8]]),
    ("tf.math.polyval([1., y, 2.], x)", X * X + Y * X + 2),
    ("tf.math.polyval([], x)", 0),
    ("tf.linalg.matvec(x, [1., 2., 3.])", X @ [1, 2, 3]),
    ("tf.linalg.matvec(x, [1., 2.], transpose_a=True)", X.T @ [1, 2]),
    ("tf.linalg.adjoint(x)", X.T),
    ("tf.linalg.normalize(x)", [X / np.linalg.norm(X), [[np.linalg.norm(X)]]]),
    ("tf.linalg.normalize(x, axis=1)[1]", np.linalg.norm(X, axis=1, keepdims=True)),
    ("tf.linalg.transpose(x)", X.T),
    ("tf.linalg.tensor_diag([1., 2.])", np.diag([1, 2])),
    ("tf.math.xlogy(x, y + 1)", X * np.log(Y + 1)),
    ("tf.math.l2_normalize(x, 1)", X / np.linalg.norm(X, axis=1, keepdims=True)),
    ("tf.bitwise.bitwise_and([6, 5], 3)", [2, 1]),
    ("tf.bitwise.bitwise_or([6, 5], 3)", [7, 7]),
    ("tf.bitwise.bitwise_xor([6, 5], 3)", [5, 6]),
    ("tf.bitwise.invert([0, -1, 5])", [-1, 0, -6]),
    ("tf.gradients(tf.math.reduce_std(x), x)[0]", (X - X.mean()) / (6 * X.std())),
    ("tf.realdiv(x, y + 1)", X / (Y + 1)),
    ("tf.nn.leaky_relu(x - 3)", np.where(X > 3, X - 3, 0.2 * (X - 3))),
    ("tf.pow([2, -3], 3)", [8, -27]),
    ("tf.constant([3, 0], tf.int64) ** 40", [np.int64(3) ** 40, 0]),
    ("tf.constant([2, -7]) ** 0", [1, 1]),
    ("tf.cast(tf.constant([1.5, 2], tf.bfloat16) * 3, tf.float32)", [4.5, 6]),
    ("tf.cast(tf.ones([2], tf.bfloat16) + tf.zeros([2], tf.bfloat16), tf.float32)", [1, 1]),
    ("tf.one_hot([0], 2, 2.5, dtype=tf.float64)", [[2.5, 0]]),
    ("tf.round([1, 2])", [1, 2]),
    ("tf.gradients(tf.maximum(x, [1., 5., 0.]), x)[0]", X >= [1, 5, 0]),
    ("tf.gradients(tf.minimum(x, [1., 5., 0.]), x)[0]", X <= [1, 5, 0]),
    ("tf.squeeze(x[:1], [0, -2])", X[0]),
    ("tf.nn.leaky_relu(x - 3, alpha=0.5)", np.where(X > 3, X - 3, 0.5 * (X - 3))),
]


def flat(value: Any) -> list[float]:
    return [float(n) for v in value for n in flat(v)] if isinstance(value, (list, tuple)) else np.asarray(value, np.float64).reshape(-1).tolist()


@pytest.mark.parametrize(("code", "expected"), VALUES, ids=[v[0] for v in VALUES])
def test_a_value(code: str, expected: Any) -> None:
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 3])
    made = eval(code, {"tf": tf, "x": x, "y": y, "X": X})
    with tf.Session() as sess:
        value = sess.run(made, {x: X, y: Y})
    if not isinstance(value, (list, tuple)):
        assert value.shape == np.shape(expected)
    np.testing.assert_allclose(flat(value), flat(expected), rtol=1e-5, atol=1e-6)


def test_random_functions_have_two_names() -> None:
    tf.set_random_seed(1)
    assert tf.random.get_seed(3) == (1, 3)
    pairs = [(tf.random.uniform, tf.random_uniform), (tf.random.normal, tf.random_normal), (tf.random.truncated_normal, tf.truncated_normal),
             (tf.random.shuffle, tf.random_shuffle), (tf.math.sigmoid, tf.sigmoid), (tf.math.top_k, tf.nn.top_k), (tf.linalg.eye, tf.eye)]  # fmt: skip
    assert all(a is b for a, b in pairs)


M = np.arange(12, dtype=np.float32).reshape(4, 3)


def replaced(rows: Any, values: Any) -> np.ndarray:
    out = M.copy()
    out[rows] = values
    return out


def added(rows: Any, values: Any) -> np.ndarray:
    out = M.copy()
    np.add.at(out, rows, values)
    return out


ONES, TWOS = np.ones((2, 3), np.float32), np.array([[1, 1, 1], [2, 2, 2], [3, 3, 3]], np.float32)

# code with v, a variable that holds M; its value afterwards
ASSIGNMENTS = [
    ("tf.scatter_update(v, [1, 3, 1], TWOS)", replaced([3, 1], TWOS[1:])),
    ("tf.scatter_update(v, 2, [7., 8., 9.])", replaced(2, [7, 8, 9])),
    ("tf.scatter_update(v, [[0, 1], [2, 3]], np.ones([2, 2, 3], np.float32))", np.ones((4, 3))),
    ("tf.scatter_update(v, np.zeros([0], np.int32), np.zeros([0, 3], np.float32))", M),
    ("tf.scatter_update(v.op.outputs[0], [0], [[np.nan, np.inf, -0.0]])", replaced(0, [np.nan, np.inf, -0.0])),
    ("tf.scatter_add(v, tf.constant([1, 3, 1], tf.int64), TWOS)", added([1, 3, 1], TWOS)),
    ("tf.scatter_sub(v, [1, 3, 1], TWOS)", added([1, 3, 1], -TWOS)),
    ("tf.scatter_nd_update(v, [[0, 1], [2, 2], [0, 1]], [-1., -2., -3.])", replaced(([0, 2], [1, 2]), [-3, -2])),
    ("tf.scatter_nd_add(v, [[0], [2]], ONES)", added([0, 2], ONES)),
    ("tf.scatter_nd_sub(v, [[[0, 1]], [[0, 1]]], [[1.], [2.]])", added(([0, 0], [1, 1]), [-1, -2])),
]


@pytest.mark.parametrize(("code", "expected"), ASSIGNMENTS, ids=[a[0] for a in ASSIGNMENTS])
def test_a_scattered_assignment(code: str, expected: np.ndarray) -> None:
    v = tf.Variable(M)
    changed = eval(code, {"tf": tf, "np": np, "v": v, "ONES": ONES, "TWOS": TWOS})
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(v).tolist() == M.tolist()
        for value in (sess.run(changed), sess.run(v)):
            np.testing.assert_array_equal(value, expected)
            assert (np.signbit(value) == np.signbit(expected)).all()


def test_scattered_integers_and_truth_values() -> None:
    n, p = tf.Variable([1, 2, 3]), tf.Variable([True, False])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(tf.scatter_update(n, [2, 0], [7, 8])).tolist() == [8, 2, 7]
        assert sess.run(tf.scatter_add(n, [1, 1], [1, 1])).tolist() == [8, 4, 7]
        assert sess.run(tf.scatter_update(p, [0, 1], [False, True])).tolist() == [False, True]


ERRORS = [
    ("tf.pow([1, 2], -1)", tf.errors.InvalidArgumentError, "Integers to negative integer powers are not allowed"),
    ("tf.one_hot([1, 0], 2, axis=2)", tf.errors.InvalidArgumentError, "Expected axis to be -1 or between [0, 2).  But received: 2"),
    ("tf.one_hot([1, 0], -1)", ValueError, "Dimension size, given by scalar input 1, must be non-negative but is -1 for 'one_hot' (op: 'OneHot')"),
    ("tf.squeeze(tf.placeholder(tf.float32))", ValueError, "squeeze: argument 'x': got a tensor of unknown rank"),
    ("tf.sort(tf.placeholder(tf.float32))", ValueError, "sort: argument 'x': got a tensor of unknown rank"),
    ("tf.add_n([tf.constant(1), tf.constant(1.)])", TypeError, "Tensors in list passed to 'inputs' of 'AddN' Op have types [int32, float32] that don't all match."),
    ("tf.gradients(tf.unique(v)[0], v)", LookupError, "No gradient defined for operation"),
    ("tf.bitwise.bitwise_and(x, x)", TypeError,
     "Value passed to parameter 'x' has DataType float32 not in list of allowed values: int8, int16, int32, int64, uint8, uint16, uint32, uint64"),
    ("tf.meshgrid([1], [2], indexing='zz')", ValueError, "indexing parameter must be either 'xy' or 'ij'"),
    ("tf.scatter_update(v, [0.5], [3.])", TypeError, "Value passed to parameter 'indices' has DataType float32 not in list of allowed values: int32, int64"),
    ("tf.scatter_update(v, [0], [3., 4.])", ValueError,
     "Dimension 0 in both shapes must be equal, but are 2 and 1. Shapes are [2] and [1]. for 'ScatterUpdate' (op: 'ScatterUpdate') with input shapes: [2], [1], [2]."),
    ("tf.scatter_add(v, [0], [[3.]])", ValueError,
     "Shapes must be equal rank, but are 2 and 1 for 'ScatterAdd' (op: 'ScatterAdd') with input shapes: [2], [1], [1,1]."),
    ("tf.scatter_nd_update(v, [[0]], [3., 4.])", ValueError,
     "The outer 1 dimensions of indices.shape=[1,1] must match the outer 1 dimensions of updates.shape=[2]: Dimension 0 in both shapes must be equal, but are 1 and 2."),
    ("tf.scatter_nd_update(v, [0], [3., 4.])", ValueError,
     "The inner 0 dimensions of input.shape=[2] must match the inner 1 dimensions of updates.shape=[2]: Shapes must be equal rank, but are 0 and 1"),
    ("tf.scatter_nd_update(v, 0, [3.])", ValueError, "Shape must be at least rank 1 but is rank 0 for 'ScatterNdUpdate'"),
    ("tf.scatter_nd_add(v, [[0, 0]], [3.])", ValueError, "indices name 2 coordinates of a variable of 1 dimensions"),
    ("tf.math.placeholder", AttributeError, "module 'tensorflow.math' has no attribute 'placeholder' in Twofold"),
    ("sess.run(tf.scatter_add(v, [5], [1.]))", tf.errors.InvalidArgumentError, "indices[0] = 5 is not in [0, 2)"),
    ("sess.run(tf.scatter_update(v, [0, -1], [1., 1.]))", tf.errors.InvalidArgumentError, "indices[1] = -1 is not in [0, 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), ERRORS, ids=[e[0] for e in ERRORS])
def test_an_error(code: str, kind: type, text: str) -> None:
    v = tf.Variable([1.0, 2.0])
    with tf.Session() as sess, pytest.raises(kind) as e:
        sess.run(v.initializer)
        eval(code, {"tf": tf, "x": tf.constant(X), "v": v, "sess": sess})
    assert str(e.value).startswith(text)


def test_rows_refuse_what_they_do_not_have() -> None:
    core = tf.get_default_graph()._core
    with pytest.raises(TypeError, match="bitwise_not: 1 operands, but 0 were given"):
        core.record("bitwise_not", [], {}, "a")
    with pytest.raises(TypeError, match="leaky_relu: got an attribute that it does not have"):
        core.record("leaky_relu", [tf.zeros([2])], {"negative_slope": 0.5}, "a")
