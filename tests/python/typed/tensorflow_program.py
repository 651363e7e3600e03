"""A program in the TensorFlow face, for mypy: it must fit the stubs, and what is marked as wrong must not."""

from typing import assert_type

import numpy as np

import twofold.tensorflow as tf


def train(steps: int) -> float:
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.placeholder(tf.float32, [None, 1])
    w = tf.get_variable("w", [3, 1], initializer=tf.zeros_initializer())
    b = tf.Variable(tf.zeros([1]), name="b")
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    found = 0.0
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(steps):
            _, found = sess.run([step, loss], feed_dict={x: np.ones((2, 3)), y: np.ones((2, 1))})
    return found


def tensors(x: tf.Tensor) -> None:
    assert_type(x + 1, tf.Tensor)
    assert_type(2.0 * x, tf.Tensor)
    assert_type(x[0], tf.Tensor)
    assert_type(tf.exp(x), tf.Tensor)
    assert_type(tf.nn.relu(x, name="r"), tf.Tensor)


def mistakes(x: tf.Tensor) -> None:
    tf.no_such_function(x)  # type: ignore[attr-defined]
    x.no_such_method()  # type: ignore[attr-defined]
    tf.exp()  # type: ignore[call-arg]
    tf.nn.no_such_function(x)  # type: ignore[attr-defined]
    tf.reduce_sum(x, dim=1)  # type: ignore[call-arg]
