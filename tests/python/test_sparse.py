"""Sparse tensors, and indices into several axes at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

DENSE = np.array([[1, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 0]], np.float32)
INDICES, VALUES, SHAPE = [[0, 0], [1, 2]], np.array([1, 2], np.float32), [3, 4]
B = np.arange(8, dtype=np.float32).reshape(4, 2)


def run(made: Any, feed: dict | None = None) -> Any:
    with tf.Session() as sess:
        return sess.run(made, feed)


ROWS = [
    ("tf.sparse_tensor_to_dense(s)", DENSE),
    ("tf.sparse_tensor_to_dense(s, default_value=-1.)", np.where(DENSE == 0, -1, DENSE)),
    ("tf.sparse.to_dense(s)", DENSE),
    ("tf.sparse_to_dense([[0, 0], [1, 2]], [3, 4], [1., 2.])", DENSE),
    ("tf.sparse_tensor_dense_matmul(s, B)", DENSE @ B),
    ("tf.sparse_tensor_dense_matmul(s, B.T, adjoint_b=True)", DENSE @ B),
    ("tf.sparse_tensor_dense_matmul(s, B[:3], adjoint_a=True)", DENSE.T @ B[:3]),
    ("tf.gather_nd(tf.constant(B), [[0, 1], [3, 0]])", [1, 6]),
    ("tf.gather_nd(tf.constant(B), [[3], [0]])", B[[3, 0]]),
    ("tf.scatter_nd([[1], [1], [3]], [1., 2., 4.], [5])", [0, 3, 0, 4, 0]),
    ("tf.gradients(tf.sparse_tensor_dense_matmul(s, B), s.values)[0]", [B[0].sum(), B[2].sum()]),
    ("tf.gradients(tf.gather_nd(s.values, [[1], [1]]), s.values)[0]", [0, 2]),
]


@pytest.mark.parametrize("fed", [False, True], ids=["constant", "fed"])
@pytest.mark.parametrize("code, value", ROWS, ids=[r[0] for r in ROWS])
def test_values(code: str, value: Any, fed: bool) -> None:
    s = tf.sparse_placeholder(tf.float32) if fed else tf.SparseTensor(INDICES, VALUES, SHAPE)
    made = eval(code, {"tf": tf, "s": s, "B": B})
    assert run(made, {s: tf.SparseTensorValue(INDICES, VALUES, SHAPE)} if fed else None).tolist() == np.asarray(value).tolist()


def test_feeding_and_fetching() -> None:
    s, x = tf.sparse_placeholder(tf.float32, [3, 4]), tf.placeholder(tf.float32)
    assert s.shape.as_list() == [3, 4] and tf.sparse_tensor_to_dense(s).shape.as_list() == [3, 4]
    with tf.Session() as sess:
        total = tf.reduce_sum(tf.sparse_tensor_to_dense(s)) + x
        for value in ((INDICES, VALUES, SHAPE), tf.SparseTensorValue(INDICES, VALUES, SHAPE)):
            assert sess.run(total, {s: value, x: 1}) == 4
        assert sess.make_callable(total, [s, x])((INDICES, VALUES, SHAPE), 2) == 5
        back = sess.run(s, {s: (INDICES, VALUES, SHAPE)})
        assert back.indices.tolist() == INDICES and back.values.tolist() == [1, 2] and back.dense_shape.tolist() == SHAPE
        with pytest.raises(TypeError, match="indices, values, dense_shape"):
            sess.run(total, {s: (INDICES, VALUES), x: 1})


@pytest.mark.parametrize(
    "indices, words",
    [
        ([[1, 2], [0, 0]], "indices[1] = [0,0] is out of order"),
        ([[0, 0], [0, 0]], "indices[1] = [0,0] is repeated"),
        ([[0, 0], [1, 4]], "indices[1] = [1,4] is out of bounds: need 0 <= index < [3,4]"),
    ],
)
def test_what_is_no_sparse_tensor(indices: list, words: str) -> None:
    """Checked on use, not at construction."""
    made = tf.sparse_tensor_to_dense(tf.SparseTensor(indices, VALUES, SHAPE))
    with pytest.raises(tf.errors.InvalidArgumentError) as e:
        run(made)
    assert e.value.message.startswith(words) and "test_sparse.py" in e.value.message


def test_training_through_a_sparse_product() -> None:
    s, w = tf.sparse_placeholder(tf.float32), tf.get_variable("w", [4, 1], initializer=tf.zeros_initializer())
    loss = tf.reduce_sum(tf.square(tf.sparse_tensor_dense_matmul(s, w) - [[1.0], [4.0], [0.0]]))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(50):
            sess.run(train, {s: (INDICES, VALUES, SHAPE)})
        assert np.allclose(sess.run(w).ravel(), [1, 0, 2, 0], atol=1e-4)
