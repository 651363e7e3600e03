"""Sizes that only a run knows: tf.shape of unknown dimensions and what takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

X = np.arange(6, dtype=np.float32).reshape(2, 3)

# code with x = placeholder [None, 3] and u = placeholder of unknown shape; its static shape; its value for X
ROWS = [
    ("tf.shape(x)", (2,), [2, 3]),
    ("tf.shape(x, out_type=tf.int64)", (2,), [2, 3]),
    ("tf.shape(u)", (None,), [2, 3]),
    ("tf.shape(x)[0]", (), 2),
    ("tf.shape(x)[0] * 2 + 1", (), 5),
    ("tf.rank(x)", (), 2),
    ("tf.rank(u)", (), 2),
    ("tf.size(x)", (), 6),
    ("tf.reshape(x, [tf.shape(x)[0], 3, 1])", (None, 3, 1), X[:, :, None]),
    ("tf.reshape(x, [-1, tf.shape(x)[0]])", (None, None), X.reshape(3, 2)),
    ("tf.reshape(x, tf.stack([tf.shape(x)[0] * 3]))", (None,), X.reshape(-1)),
    ("tf.reshape(tf.reshape(x, [-1]), tf.shape(x))", (None, 3), X),
    ("tf.zeros([tf.shape(x)[0], 2])", (None, 2), np.zeros((2, 2))),
    ("tf.ones(tf.shape(x), tf.int32)", (None, 3), np.ones((2, 3))),
    ("tf.fill(tf.shape(x), 7.)", (None, 3), np.full((2, 3), 7)),
    ("tf.fill([2], tf.reduce_sum(x))", (2,), [15, 15]),
    ("tf.broadcast_to(x, [4, tf.shape(x)[0], 3])", (4, None, 3), np.broadcast_to(X, (4, 2, 3))),
    ("tf.broadcast_to(tf.constant([1., 2.]), [3, 2])", (3, 2), [[1, 2]] * 3),
    ("tf.tile(x, [tf.shape(x)[0], 2])", (None, None), np.tile(X, (2, 2))),
    ("tf.tile(x, [1, 2])", (None, 6), np.tile(X, (1, 2))),
    ("tf.range(tf.shape(x)[0])", (None,), [0, 1]),
    ("tf.range(1, tf.shape(x)[0] + 3)", (None,), [1, 2, 3, 4]),
    ("tf.shape(tf.random_normal([tf.shape(x)[0], 5]))", (2,), [2, 5]),
    ("tf.shape(tf.random_uniform(tf.shape(x)))", (2,), [2, 3]),
    ("tf.reduce_sum(x) / tf.cast(tf.shape(x)[0], tf.float32)", (), 7.5),
    ("tf.placeholder_with_default([1., 2.], [None])", (None,), [1, 2]),
    ("tf.gradients(tf.reshape(x, [tf.shape(x)[0] * 3]) * tf.reshape(x, [-1]), x)[0]", (None, 3), 2 * X),
    ("tf.gradients(tf.tile(x, [tf.shape(x)[0], 1]), x)[0]", (None, 3), np.full((2, 3), 2)),
    ("tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v + x[0, i]), [0, 0.])[1]", (), 3),
]


@pytest.mark.parametrize("code, static, value", ROWS, ids=[r[0] for r in ROWS])
def test_a_size_that_only_a_run_knows(code: str, static: tuple, value: Any) -> None:
    x, u = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32)
    made = eval(code, {"tf": tf, "x": x, "u": u})
    assert made.shape.as_list() == list(static)
    with tf.Session() as sess:
        found = sess.run(made, {x: X, u: X})
    assert found.shape == np.shape(value) and found.tolist() == np.asarray(value).tolist()


def test_draws_are_those_of_known_sizes() -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    pairs = [(f(tf.shape(x), seed=5), f([2, 3], seed=5)) for f in (tf.random_uniform, tf.random_normal, tf.truncated_normal)]
    with tf.Session() as sess:
        for told, known in sess.run(pairs, {x: X}):
            assert told.tolist() == known.tolist()


def test_sizes_are_checked_when_it_runs() -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.reshape(x, [tf.shape(x)[0], 4])
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match="as many elements"):
        sess.run(y, {x: X})


def test_what_has_to_be_known_before() -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    with pytest.raises(NotImplementedError, match="have to be known while the graph is built"):
        tf.transpose(x, tf.shape(x))


# code with s = tf.shape of a [2, 3] tensor, in no branch and in one
FOLDED = [
    ("s[0]", 2), ("s[-1]", 3), ("s[1:]", [3]), ("s[::-1]", [3, 2]), ("s[0] * 2 + 1 - s[1] // 2", 4), ("-s[0] % 3", 1), ("tf.stack([s[0], 7])", [2, 7]),
    ("tf.concat([s, [4]], 0)", [2, 3, 4]), ("tf.reduce_prod(s)", 6), ("tf.reduce_sum(s, 0, keepdims=True)", [5]), ("tf.reduce_max(s) - tf.reduce_min(s)", 1),
    ("tf.maximum(s[0], 5) + tf.minimum(s[0], 1)", 6), ("tf.range(s[0], 7, s[1])", [2, 5]), ("tf.gather(s, [1, 1])", [3, 3]),
    ("tf.cast(s, tf.int64)", [2, 3]), ("tf.fill([2], s[1])", [3, 3]), ("tf.slice(s, [1], [-1])", [3]), ("tf.reshape(s, [2, 1])", [[2], [3]]),
    ("tf.identity(s)[1]", 3), ("s[0] // 0", None),
]  # fmt: skip


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("code, value", FOLDED, ids=[r[0] for r in FOLDED])
def test_values_that_a_graph_knows(code: str, value: Any, inside: bool) -> None:
    from twofold.tensorflow._sizes import constant_value

    found = []

    def look() -> tf.Tensor:
        made = eval(code, {"tf": tf, "s": tf.shape(tf.zeros([2, 3]))})
        found.append(constant_value(made))
        return tf.constant(0)

    with tf.control_dependencies([tf.placeholder(tf.float32)]):
        tf.cond(tf.placeholder(tf.bool, []), look, lambda: tf.constant(1)) if inside else look()
    assert (found[0] if value is None else found[0].tolist()) == value


def test_the_rank_that_a_program_promises() -> None:
    """What a call of the user's gives has the dimensions that set_shape() says, or the run fails."""
    x = tf.placeholder(tf.float32)
    out = tf.py_func(lambda a: a, [x], tf.float32)
    out.set_shape([None, 3])
    made = [out[0], tf.reduce_sum(out, 1), tf.matmul(out, tf.ones([3, 1]))]
    scalar = tf.py_func(lambda a: a, [x], tf.float32)
    scalar.set_shape([])
    with tf.Session() as sess:
        assert [v.tolist() for v in sess.run(made, {x: X})] == [[0, 1, 2], [3, 12], [[3], [12]]]
        assert sess.run(made[1], {x: np.ones((1, 3))}).tolist() == [3]
        assert sess.run(scalar + 1.0, {x: 2.0}) == 3
        for fetch, value in ((made[0], [1.0]), (scalar + 1.0, [1.0, 2.0]), (scalar + 1.0, [])):
            with pytest.raises(tf.errors.InvalidArgumentError, match="got a result of shape"):
                sess.run(fetch, {x: value})


def test_gradients_of_an_unknown_rank() -> None:
    x, y = tf.placeholder("float"), tf.placeholder("float")
    w = tf.Variable(2.0)
    loss = tf.reduce_sum(tf.square(x * w - y)) / 2.0
    gradients = [*tf.gradients(loss, [w, x]), *tf.gradients(tf.reduce_mean(x * x), x)]
    with tf.Session() as sess:
        sess.run(w.initializer)
        assert [v.tolist() for v in sess.run(gradients, {x: [1.0, 2.0], y: [1.0, 1.0]})] == [7, [2, 6], [1, 2]]
        assert [v.tolist() for v in sess.run(gradients, {x: 3.0, y: 1.0})] == [15, 10, 6]


def test_an_index_of_unknown_rank() -> None:
    i = tf.placeholder(tf.int32, None)
    x = tf.constant(X)
    made = [x[0, i], x[i, :2], tf.stack([1, i])]
    with tf.Session() as sess:
        assert [v.tolist() for v in sess.run(made, {i: 1})] == [1, [3, 4], [1, 1]]


def test_a_default_of_unknown_shape() -> None:
    x = tf.placeholder_with_default([1.0, 2.0], None)
    assert x.shape.ndims is None
    with tf.Session() as sess:
        assert sess.run(x * 2).tolist() == [2, 4] and sess.run(x * 2, {x: [[5]]}).tolist() == [[10]]
