"""tf.layers and tf.initializers: values by NumPy, variables and where they are kept, and TensorFlow's words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

X = np.array([[0.5, -1.0, 2.0], [0.25, 0.75, 0.125]], np.float32)
K = np.arange(12, dtype=np.float32).reshape(3, 4) / 8
B = np.array([1.0, -2.0, 3.0, -4.0], np.float32)
BOX = np.arange(24, dtype=np.float32).reshape(2, 4, 3)

# code with x = placeholder [None, 3] fed X, box = placeholder [None, None, 3] fed BOX; what it must give
VALUES = [
    ("tf.layers.dense(x, 4, kernel_initializer=k, bias_initializer=b)", X @ K + B),
    ("tf.layers.dense(x, 4, tf.nn.relu, kernel_initializer=k, bias_initializer=b)", np.maximum(X @ K + B, 0)),
    ("tf.layers.dense(x, 4, 'relu', False, kernel_initializer=k)", np.maximum(X @ K, 0)),
    ("tf.layers.dense(x, 4, kernel_initializer=k)", X @ K),
    ("tf.layers.dense(box, 4, kernel_initializer=k, bias_initializer=b)", BOX @ K + B),
    ("tf.layers.Dense(4, kernel_initializer=k)(X)", X @ K),
    ("tf.layers.dense(x, 2, kernel_initializer='ones')", X.sum(1, keepdims=True).repeat(2, 1)),
    ("tf.layers.flatten(box)", BOX.reshape(2, 12)),
    ("tf.layers.flatten(x[:, 0])", X[:, :1]),
    ("tf.layers.flatten(tf.zeros([5]))", np.zeros((5, 1))),
    ("tf.layers.dropout(x, 0.9)", X),
    ("tf.layers.dropout(x, 0.9, training=tf.constant(False))", X),
    ("tf.layers.dropout(x, 0.9, training=tf.reduce_sum(x) > 100.0)", X),
    ("tf.layers.dropout(x, 0.0, training=True)", X),
    ("tf.tensordot(box, tf.constant(K), [[2], [0]])", BOX @ K),
    ("tf.tensordot(x, box, [[1], [2]])", np.tensordot(X, BOX, [[1], [2]])),
    ("tf.tensordot(box, box, [[0, 2], [0, 2]])", np.tensordot(BOX, BOX, [[0, 2], [0, 2]])),
    ("tf.tensordot(x, x, 0)", np.tensordot(X, X, 0)),
    ("tf.gradients(tf.layers.dense(box, 4, kernel_initializer=k), box)[0]", np.broadcast_to(K.sum(1), BOX.shape)),
    ("tf.gradients(tf.layers.dense(x, 4), tf.trainable_variables())[0]", X.sum(0)[:, None].repeat(4, 1)),
    ("tf.get_variable('v', [3, 3], initializer=tf.initializers.identity(2.0))", 2 * np.eye(3)),
]


@pytest.mark.parametrize(("code", "expected"), VALUES, ids=[v[0] for v in VALUES])
def test_a_value(code: str, expected: Any) -> None:
    x, box = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, None, 3])
    made = eval(code, {"tf": tf, "x": x, "box": box, "X": X, "K": K, "k": tf.constant_initializer(K), "b": tf.constant_initializer(B)})
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        value = sess.run(made, {x: X, box: BOX})
    assert value.shape == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_dropout_keeps_the_mean_and_whole_slices() -> None:
    training = tf.placeholder_with_default(False, [])
    x = tf.ones([1000, 4])
    each, rows = tf.layers.dropout(x, 0.25, seed=1, training=training), tf.layers.dropout(x, 0.25, [None, 1], seed=1, training=training)
    (gradient,) = tf.gradients(each, x)
    with tf.Session() as sess:
        assert (sess.run(each) == 1).all()
        a, b, g = sess.run([each, rows, gradient], {training: True})
    assert set(a.reshape(-1).tolist()) == {0.0, np.float32(1 / 0.75)} and abs(a.mean() - 1) < 0.05
    assert (b == b[:, :1]).all() and 0 < (b == 0).mean() < 0.5
    assert ((a > 0) == (g > 0)).all()


def test_where_a_layer_keeps_its_variables() -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    with tf.variable_scope("net"):
        first = tf.layers.Dense(4, kernel_regularizer=tf.nn.l2_loss, trainable=False)
        tf.layers.dense(x, 2)
    assert not first.built and first.weights == [] and first.name == "dense_1"
    with pytest.raises(ValueError, match='No name available for layer scope because the layer "dense_1" has not been used yet'):
        _ = first.scope_name
    y = first(x)
    assert (y.name, first.scope_name, first.kernel.name, first.bias.name) == ("dense/BiasAdd:0", "dense", "dense/kernel:0", "dense/bias:0")
    assert [v.name for v in tf.trainable_variables()] == ["net/dense/kernel:0", "net/dense/bias:0"]
    assert first.variables == [first.kernel, first.bias] and first.trainable_variables == [] and first.dtype == "float32"
    assert first.losses == tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES) == tf.losses.get_regularization_losses()
    assert first(x).name == "dense/BiasAdd_1:0" and len(tf.global_variables()) == 4


def test_a_layer_of_ones_own() -> None:
    class Scaled(tf.layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_variable("w", [input_shape.as_list()[-1]], initializer=tf.ones_initializer())
            super().build(input_shape)

        def call(self, inputs: Any, by: float = 1.0) -> Any:
            return inputs * self.w * by

    layer = Scaled()
    y = layer(tf.constant(X), by=3.0)
    assert (layer.name, y.name, layer.w.name) == ("scaled_1", "scaled/mul_1:0", "scaled/w:0")
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(y).tolist() == (3 * X).tolist()


def test_networks_share_variables() -> None:
    def network(x: Any) -> Any:
        with tf.variable_scope("q", reuse=tf.AUTO_REUSE):
            return tf.layers.dense(tf.layers.dense(x, 5, tf.nn.relu, name="hidden"), 2, name="out")

    a, b = network(tf.constant(X)), network(tf.constant(X))
    assert [v.name for v in tf.global_variables("q")] == ["q/hidden/kernel:0", "q/hidden/bias:0", "q/out/kernel:0", "q/out/bias:0"]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        first, second = sess.run([a, b])
    assert first.tolist() == second.tolist()


ERRORS = [
    ("tf.layers.dense(tf.constant([[1]]), 4)", TypeError, "Unable to build `Dense` layer with non-floating point dtype <dtype: 'int32'>"),
    ("tf.layers.dense(tf.placeholder(tf.float32), 4)", ValueError,
     "Input 0 of layer dense_1 is incompatible with the layer: its rank is undefined, but the layer requires a defined rank."),
    ("tf.layers.dense(tf.zeros([3]), 4)", ValueError,
     "Input 0 of layer dense_1 is incompatible with the layer: : expected min_ndim=2, found ndim=1. Full shape received: [3]"),
    ("tf.layers.dense(tf.placeholder(tf.float32, [None, None]), 4)", ValueError,
     "The last dimension of the inputs to `Dense` should be defined. Found `None`."),
    ("[f := tf.layers.Dense(4, name='f'), f(x), f(tf.zeros([2, 5]))]", ValueError,
     "Input 0 of layer f is incompatible with the layer: expected axis -1 of input shape to have value 3 but received input with shape [2, 5]"),
    ("[tf.layers.dense(x, 4, name='a'), tf.layers.dense(x, 4, name='a')]", ValueError, "Variable a/kernel already exists, disallowed."),
    ("tf.layers.dense(x, 4, name='a', reuse=True)", ValueError, "Variable a/kernel does not exist, or was not created with tf.get_variable()."),
    ("tf.layers.dense(x, 4, 'nope')", ValueError, "Unknown activation function:nope"),
    ("tf.layers.dense(x, 'a')", ValueError, "invalid literal for int() with base 10: 'a'"),
    ("tf.layers.flatten(tf.constant(1.0))", ValueError,
     "Input 0 of layer flatten_1 is incompatible with the layer: : expected min_ndim=1, found ndim=0. Full shape received: []"),
    ("tf.layers.dropout(x, training='x')", TypeError, "pred must be a Tensor, or a Python bool, or 1 or 0. Found instead: x"),
    ("tf.get_variable('v', [3], initializer=tf.initializers.identity())", ValueError, "Identity matrix initializer can only be used for 2D matrices."),
    ("tf.get_variable('v', [3], initializer=tf.orthogonal_initializer())", ValueError, "The tensor to initialize must be at least two-dimensional"),
    ("tf.initializers.variance_scaling(-1.0)", ValueError, "`scale` must be positive float."),
    ("tf.initializers.variance_scaling(mode='x')", ValueError, "('Invalid `mode` argument:', 'x')"),
    ("tf.initializers.variance_scaling(distribution='x')", ValueError, "('Invalid `distribution` argument:', 'x')"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), ERRORS, ids=[e[0] for e in ERRORS])
def test_an_error(code: str, kind: type, text: str) -> None:
    with pytest.raises(kind) as e:
        eval(code, {"tf": tf, "x": tf.placeholder(tf.float32, [None, 3])})
    assert str(e.value).startswith(text)


# Printed by TensorFlow 1.15: gain 2, seed 1.
ORTHOGONAL = {
    (3, 3): [[-0.6143317, 0.9825508, -1.6300888], [-1.8496206, -0.7121701, 0.2678002], [0.4488868, -1.5897822, -1.1274277]],
    (2, 4): [[-1.6036694, 0.1291315, 0.1961765, 1.1717869], [-0.4257881, -1.7734187, 0.6534472, -0.496686]],
    (4, 2): [[-1.6036694, -0.4257881], [0.1291315, -1.7734187], [0.1961765, 0.6534472], [1.1717869, -0.496686]],
}


@pytest.mark.parametrize("shape", ORTHOGONAL)
def test_orthogonal_values(shape: tuple[int, int]) -> None:
    v = tf.get_variable("v", shape, initializer=tf.orthogonal_initializer(gain=2.0, seed=1))
    with tf.Session() as sess:
        sess.run(v.initializer)
        np.testing.assert_allclose(sess.run(v), ORTHOGONAL[shape], rtol=1e-5, atol=1e-6)


def test_assignment_with_an_operator_rebinds() -> None:
    a = b = tf.constant([1.0, 2.0])
    a += 1.0
    a *= 3.0
    a -= b
    a /= 2.0
    assert b.op.type == "Const" and a is not b
    with tf.Session() as sess:
        assert [t.tolist() for t in sess.run([a, b])] == [[2.5, 3.5], [1, 2]]
