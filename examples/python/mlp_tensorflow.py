"""A small network on handwritten digits, as TensorFlow 1 users write it.

    python -m twofold examples/python/mlp_tensorflow.py

Its twins, examples/mlp.cpp and mlp_torch.py, print the same numbers.
"""

import numpy as np
import tensorflow as tf

digits = np.load("data/digits.npz")
images = digits["images"].reshape(-1, 64).astype(np.float32) / 16
labels = digits["labels"].astype(np.int64)


def spread(n_out, n_in):
    """Numbers in [-0.1, 0.1] that any language makes alike; TensorFlow has a layer's inputs first."""
    k = np.arange(n_out * n_in).reshape(n_out, n_in)
    return ((k * 7919 % 1000 - 500) / 5000).astype(np.float32).T


x = tf.placeholder(tf.float32, [None, 64])
y = tf.placeholder(tf.int64, [None])
w1, b1 = tf.get_variable("w1", initializer=spread(32, 64)), tf.get_variable("b1", [32], initializer=tf.zeros_initializer)
w2, b2 = tf.get_variable("w2", initializer=spread(10, 32)), tf.get_variable("b2", [10], initializer=tf.zeros_initializer)
hidden = tf.nn.relu(tf.matmul(x, w1) + b1)
logits = tf.matmul(hidden, w2) + b2
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
right = tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.int32))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(10):
        for start in range(0, 1437, 128):
            rows = slice(start, min(start + 128, 1437))
            value, _ = sess.run([loss, train], feed_dict={x: images[rows], y: labels[rows]})
        print(f"epoch {epoch}: loss {value:.9g}")
    count = sess.run(right, {x: images[1437:], y: labels[1437:]})
print(f"held out: {count} of {len(labels) - 1437} right")
