"""tf.losses and tf.assert_*: values by formula, and the words of TensorFlow 1.15 itself for what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

X = np.array([[0.5, -1.0, 2.0], [0.25, 0.75, 0.125]], np.float32)
Y = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], np.float32)
P = np.array([[0.5, 0.25, 0.75], [0.125, 0.5, 0.9]], np.float32)
D = X.astype(np.float64) - Y
LOG = X - np.log(np.exp(X.astype(np.float64)).sum(1, keepdims=True))
W = np.array([[2.0], [0.0]], np.float32)


def sigmoid_loss(labels: np.ndarray) -> np.ndarray:
    return np.maximum(X, 0) - X * labels + np.log1p(np.exp(-np.abs(X.astype(np.float64))))


def pairs(weights: np.ndarray) -> float:
    """The mean over the pairs of an example's elements, weighed and summed over examples."""
    each = [np.mean([(d[i] - d[j]) ** 2 for i in range(3) for j in range(3) if i != j]) for d in D]
    return float((np.array(each) * weights).sum())


R = tf.losses.Reduction
SMOOTH = Y * 0.7 + 0.1

# code with x, y, p: placeholders for X, Y, P; what it must give
VALUES = [
    ("mean_squared_error(y, x)", (D**2).mean()),
    ("mean_squared_error(y, x, 2.0)", 2 * (D**2).mean()),
    ("mean_squared_error(y, x, W)", 2 * (D[0] ** 2).mean()),
    ("mean_squared_error(y, x, 0.0)", 0.0),
    ("mean_squared_error(y, x, W, reduction=R.NONE)", D**2 * W),
    ("mean_squared_error(y, x, W, reduction=R.SUM)", (D**2 * W).sum()),
    ("mean_squared_error(y, x, W, reduction=R.MEAN)", (D**2 * W).sum() / 6),
    ("mean_squared_error(y, x, W, reduction=R.SUM_OVER_BATCH_SIZE)", (D**2 * W).sum() / 6),
    ("mean_squared_error(y, x, y)", (D**2 * Y).sum() / 2),
    ("absolute_difference(y, x)", np.abs(D).mean()),
    ("huber_loss(y, x, delta=0.5)", np.where(np.abs(D) < 0.5, D * D / 2, 0.5 * np.abs(D) - 0.125).mean()),
    ("log_loss(y, p)", -(Y * np.log(P + 1e-7) + (1 - Y) * np.log(1 - P + 1e-7)).mean()),
    ("hinge_loss(y, x)", np.maximum(0, 1 - (2 * Y - 1) * X).mean()),
    ("cosine_distance(y, x, axis=1)", (1 - (X * Y).sum(1)).mean()),
    ("mean_pairwise_squared_error(y, x)", pairs(np.ones(2))),
    ("mean_pairwise_squared_error(y, x, W)", pairs(W[:, 0])),
    ("sigmoid_cross_entropy(y, x)", sigmoid_loss(Y).mean()),
    ("sigmoid_cross_entropy(y, x, label_smoothing=0.3)", sigmoid_loss(Y * 0.7 + 0.15).mean()),
    ("softmax_cross_entropy(y, x)", -(Y * LOG).sum(1).mean()),
    ("softmax_cross_entropy(y, x, label_smoothing=0.3)", -(SMOOTH * LOG).sum(1).mean()),
    ("softmax_cross_entropy(y, x, [2.0, 0.0])", -2 * (Y * LOG)[0].sum()),
    ("sparse_softmax_cross_entropy([1, 0], x)", -(LOG[0, 1] + LOG[1, 0]) / 2),
    ("sparse_softmax_cross_entropy([[1], [0]], x, W)", -2 * LOG[0, 1]),
    ("compute_weighted_loss(tf.cast(x, tf.float64), W)", X[0].mean() * 2),
]


@pytest.mark.parametrize(("code", "expected"), VALUES, ids=[v[0] for v in VALUES])
def test_a_loss(code: str, expected: Any) -> None:
    x, y, p = (tf.placeholder(tf.float32, [None, 3]) for _ in range(3))
    loss = eval("tf.losses." + code, {"tf": tf, "R": R, "W": W, "x": x, "y": y, "p": p})
    assert tf.losses.get_losses() == [loss]
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(loss, {x: X, y: Y, p: P}), expected, rtol=2e-6)


# The gradient by x of the code with y = Y.
GRADIENTS = [
    ("mean_squared_error(y, x)", D / 3),
    ("mean_squared_error(y, x, W)", 2 * D * W / 3),
    ("absolute_difference(y, x)", np.sign(D) / 6),
    ("huber_loss(y, x, delta=0.5)", np.clip(D, -0.5, 0.5) / 6),
    ("hinge_loss(y, x)", -(2 * Y - 1) * ((2 * Y - 1) * X < 1) / 6),
    ("sigmoid_cross_entropy(y, x)", (1 / (1 + np.exp(-X)) - Y) / 6),
    ("softmax_cross_entropy(y, x)", (np.exp(LOG) - Y) / 2),
    ("softmax_cross_entropy(3 * y, x)", (np.exp(LOG) - 3 * Y) / 2),  # TensorFlow takes labels to sum to 1
    ("sparse_softmax_cross_entropy([1, 0], x)", (np.exp(LOG) - Y) / 2),
    ("cosine_distance(y, x, axis=1)", -Y / 2),
]


@pytest.mark.parametrize(("code", "expected"), GRADIENTS, ids=[g[0] for g in GRADIENTS])
def test_the_gradient_of_a_loss(code: str, expected: Any) -> None:
    x, y = (tf.placeholder(tf.float32, [None, 3]) for _ in range(2))
    (gradient,) = tf.gradients(eval("tf.losses." + code, {"tf": tf, "W": W, "x": x, "y": y}), x)
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(gradient, {x: X, y: Y}), expected, rtol=2e-6, atol=1e-8)


def test_a_quotient_without_nan() -> None:
    x, y = tf.constant([1.0, 2.0, 0.0]), tf.constant([0.0, 4.0, 0.0])
    with tf.Session() as sess:
        quotient, (by_x, by_y) = sess.run([tf.div_no_nan(x, y), tf.gradients(tf.div_no_nan(x, y), [x, y])])
    assert [quotient.tolist(), by_x.tolist(), by_y.tolist()] == [[0, 0.5, 0], [0, 0.25, 0], [0, -0.125, 0]]


def test_losses_add_up() -> None:
    with tf.name_scope("a"):
        first = tf.losses.mean_squared_error([1.0], [3.0])
    second = tf.losses.absolute_difference([1.0], [3.0])
    tf.losses.absolute_difference([1.0], [9.0], loss_collection=None)
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(10.0))
    assert tf.losses.get_losses() == [first, second] and tf.losses.get_losses("a/") == [first]
    with tf.Session() as sess:
        assert sess.run([tf.losses.get_total_loss(), tf.losses.get_total_loss(False), tf.losses.get_regularization_loss()]) == [16, 6, 10]


BUILD_ERRORS = [
    ("tf.losses.mean_squared_error(None, x)", ValueError, "labels must not be None."),
    ("tf.losses.softmax_cross_entropy(y, None)", ValueError, "logits must not be None."),
    ("tf.losses.compute_weighted_loss(x, None)", ValueError, "None values not supported."),
    ("tf.losses.mean_squared_error(y, x, reduction='foo')", ValueError, "Invalid Reduction Key foo."),
    ("tf.losses.mean_squared_error(tf.ones([4]), x)", ValueError, "Shapes (2, 3) and (4,) are incompatible"),
    ("tf.losses.cosine_distance(y, x)", ValueError, "You must specify 'axis'."),
    ("tf.losses.get_total_loss()", ValueError, "inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape"),
    ("tf.losses.mean_squared_error(y, x, [1.0, 2.0])", ValueError,
     "weights can not be broadcast to values. values.rank=2. weights.rank=1. values.shape=(2, 3). weights.shape=(2,)."),
    ("tf.losses.mean_squared_error(y, x, tf.ones([3, 2]))", ValueError,
     "weights can not be broadcast to values. Mismatch at dim 0. values.shape=[2 3] weights.shape=[3 2]."),
    ("tf.assert_equal(x, y)", tf.errors.InvalidArgumentError,
     "Condition x == y did not hold element-wise:\nx (X:0) = \n[[1. 2. 3.]\n [4. 5. 6.]]\ny (Y:0) = \n[[1. 1. 1.]\n [1. 1. 1.]]"),
    ("tf.assert_less(2, 1, message='m')", tf.errors.InvalidArgumentError,
     "m\nCondition x < y did not hold element-wise:\nx (assert_less/x:0) = \n2\ny (assert_less/y:0) = \n1"),
    ("tf.assert_positive([1.0, -1.0])", tf.errors.InvalidArgumentError,
     "\nCondition x > 0 did not hold element-wise:\nx (assert_positive/x:0) = \n[ 1. -1.]"),
    ("tf.assert_rank(x, 3)", ValueError, ".  Tensor X:0 must have rank 3.  Received rank 2, shape (2, 3)"),
    ("tf.assert_rank_at_least(x, 3, message='foo')", ValueError, "foo.  Tensor X:0 must have rank at least 3.  Received rank 2, shape (2, 3)"),
    ("tf.assert_rank_in(x, [1, 3])", ValueError,
     ".  Tensor X:0 must have rank in (array(1, dtype=int32), array(3, dtype=int32)).  Received rank 2, shape (2, 3)"),
    ("tf.assert_type(x, tf.int32)", TypeError, "  X:0 must be of type <dtype: 'int32'>"),
    ("tf.assert_integer(x)", TypeError, "  Expected \"x\" to be integer type.  Found: X:0 of dtype <dtype: 'float32'>"),
    ("tf.assert_scalar(x)", ValueError, "Expected scalar shape for X:0, saw shape: (2, 3)."),
    ("tf.assert_same_float_dtype([x, n])", ValueError, "N:0, type=<dtype: 'int32'>, must be of the same type (<dtype: 'float32'>) as X:0."),
    ("tf.Assert([True], [x])", ValueError,
     "Shape must be rank 0 but is rank 1 for 'Assert/AssertGuard/Switch' (op: 'Switch') with input shapes: [1], [1]."),
]  # fmt: skip

RUN_ERRORS = [
    ("tf.assert_equal(u, x, message='hey')",
     "assertion failed: [hey] [Condition x == y did not hold element-wise:] [x (U:0) = ] [[0 -1 nan]...] [y (X:0) = ] [[1 2 3]...]"),
    ("tf.assert_equal(u, x, data=[u], summarize=2)", "assertion failed: [[0 -1...]...]"),
    ("tf.assert_none_equal(n, n + 0)",
     "assertion failed: [Condition x != y did not hold element-wise:] [x (N:0) = ] [[1 2 3]...] [y (add:0) = ] [[1 2 3]...]"),
    ("tf.assert_positive(u)", "assertion failed: [] [Condition x > 0 did not hold element-wise:] [x (U:0) = ] [[0 -1 nan]...]"),
    ("tf.assert_non_positive(n + 0)", "assertion failed: [] [Condition x <= 0 did not hold element-wise:x (add:0) = ] [[1 2 3]...]"),
    ("tf.assert_rank(v, 2)", "assertion failed: [] [Tensor V:0 must have rank] [2] [Received shape: ] [6]"),
    ("tf.assert_rank_in(v, [2, 3])", "assertion failed: [] [Tensor V:0 must have rank in] [2] [3] [Received shape: ] [6]"),
    ("tf.assert_rank_at_least(v, 2)", "assertion failed: [] [Tensor V:0 must have rank at least] [2] [Received shape: ] [6]"),
    ("tf.check_numerics(u, 'msg')", "msg : Tensor had NaN values"),
    ("tf.check_numerics(x / 0., 'msg')", "msg : Tensor had Inf values"),
    ("tf.verify_tensor_all_finite(u, 'msg')", "msg : Tensor had NaN values"),
    ("tf.Assert(no, [x, True, 1.5, 100000.0, 1e10])", "assertion failed: [[1 2 3]...] [1] [1.5] [100000] [1e+10]"),
    ("tf.Assert(no, ['bad', n, 'worse'], summarize=2)", "assertion failed: [bad] [[1 2...]...] [worse]"),
    ("tf.Assert(no, [x[:, :1], x[0], tf.ones([2, 2, 2])], summarize=10)", "assertion failed: [[1][4]] [1 2 3] [[[1 1][1 1]][[1 1][1 1]]]"),
    ("tf.Assert(no, [x, tf.ones([2, 2, 2]), tf.ones([0, 2])], summarize=4)", "assertion failed: [[1 2 3][4...]...] [[[1 1][1 1]]...] []"),
    ("tf.Assert(no, [tf.ones([2, 2, 2]), tf.range(5)], summarize=3)", "assertion failed: [[[1 1][1...]]...] [0 1 2...]"),
    ("tf.Assert(no, [tf.range(5)], summarize=-1)", "assertion failed: [0 1 2 3 4]"),
    ("tf.Assert(no, [tf.constant([1.23456789, 1e-9, 1e6, 123456.7])], summarize=9)", "assertion failed: [1.23456788 1e-09 1e+06 123456.703]"),
]  # fmt: skip


def names() -> dict[str, Any]:
    x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], name="X")
    return {"tf": tf, "x": x, "y": tf.ones([2, 3], name="Y"), "n": tf.constant([[1, 2, 3], [4, 5, 6]], name="N"),
            "u": tf.placeholder(tf.float32, [None, 3], name="U"), "v": tf.placeholder(tf.float32, name="V"),
            "no": tf.reduce_all(x < 0)}  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), BUILD_ERRORS, ids=[e[0] for e in BUILD_ERRORS])
def test_what_is_refused_while_a_graph_is_built(code: str, kind: type, text: str) -> None:
    with pytest.raises(kind) as e:
        eval(code, names())
    assert str(e.value) == text


@pytest.mark.parametrize(("code", "text"), RUN_ERRORS, ids=[e[0] for e in RUN_ERRORS])
def test_what_is_refused_when_it_runs(code: str, text: str) -> None:
    space = names()
    checked = eval(code, space)
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError) as e:
        sess.run(checked, {space["u"]: [[0.0, -1.0, np.nan]] * 2, space["v"]: np.zeros(6)})
    assert str(e.value) == text


def test_what_holds_lets_through() -> None:
    u = tf.placeholder(tf.float32, [None])
    checks = [tf.assert_positive(u), tf.assert_less(u, 9.0), tf.assert_near(u, u), tf.Assert(u[0] > 0, [u]), tf.assert_rank(u, 1)]
    with tf.control_dependencies(checks):
        kept = tf.verify_tensor_all_finite(tf.check_numerics(u, ""), "")
    with tf.Session() as sess:
        assert sess.run(kept, {u: [1.0, 2.0]}).tolist() == [1, 2]
        with pytest.raises(tf.errors.InvalidArgumentError, match="x < y did not hold"):
            sess.run(kept, {u: [1.0, 10.0]})


def test_weights_are_checked_when_only_the_run_knows() -> None:
    weights = tf.placeholder(tf.float32, [None, None])
    loss = tf.losses.compute_weighted_loss(tf.placeholder_with_default(np.ones([1, 3], np.float32), [None, 3]), weights)
    with tf.Session() as sess:
        assert sess.run(loss, {weights: [[2.0]]}) == 2
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[weights can not be broadcast to values.\] \[weights.shape=\] .* \[4 1\]"):
            sess.run(loss, {weights: np.ones([4, 1])})
