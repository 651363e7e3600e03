"""Gradients of gradients: a network that learns y = x0 * x1 and, with it, to have that function's slopes (x1, x0).

    python -m twofold examples/python/second_gradients_tensorflow.py

The loss holds the network's derivative by its inputs, so training differentiates a derivative. Its twins,
examples/second_gradients.cpp and second_gradients_torch.py, print the same numbers.
"""

import numpy as np
import tensorflow as tf

WIDTH = 16
axis = np.arange(-4, 5) / 4
points = np.stack([np.repeat(axis, 9), np.tile(axis, 9)], 1).astype(np.float32)


def spread(n_in, n_out):
    """Numbers in [-0.5, 0.5] that any language makes alike."""
    k = np.arange(n_in * n_out).reshape(n_in, n_out)
    return tf.Variable(((k * 7919 % 1000 - 500) / 1000).astype(np.float32))


x = tf.placeholder(tf.float32, [None, 2])
y, slopes = x[:, :1] * x[:, 1:], tf.reverse(x, [1])
w1, b1, w2, b2, w3 = spread(2, WIDTH), spread(1, WIDTH), spread(WIDTH, WIDTH), spread(1, WIDTH), spread(WIDTH, 1)
z = tf.matmul(tf.tanh(tf.matmul(tf.tanh(tf.matmul(x, w1) + b1), w2) + b2), w3)
(dz,) = tf.gradients(z, x)
value_loss, slope_loss = tf.reduce_mean(tf.square(z - y)), tf.reduce_mean(tf.square(dz - slopes))
train = tf.train.GradientDescentOptimizer(0.02).minimize(value_loss + slope_loss)

a = tf.constant([0.5, -1.0, 2.0])
(first,) = tf.gradients(tf.tanh(a) * a, a)
(second,) = tf.gradients(first, a)
(third,) = tf.gradients(second, a)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, slope, _ = sess.run([value_loss, slope_loss, train], {x: points})
        if step % 100 == 0:
            print(f"step {step:3}: value {value:.9g}, slope {slope:.9g}")
    print("derivatives of a * tanh(a):")
    for order in sess.run([first, second, third]):
        print(" ".join(f"{v:.9g}" for v in order))
