"""A small network on handwritten digits, written as TensorFlow 1 users write it.

    python -m twofold examples/python/mlp_tensorflow.py
"""

import numpy as np
import tensorflow as tf

digits = np.load("data/digits.npz")
images = digits["images"].reshape(-1, 64).astype(np.float32) / 16
labels = digits["labels"].astype(np.int64)

tf.set_random_seed(0)
x = tf.placeholder(tf.float32, [None, 64])
y = tf.placeholder(tf.int64, [None])
hidden = tf.nn.relu(tf.matmul(x, tf.get_variable("w1", [64, 32])) + tf.get_variable("b1", [32], initializer=tf.zeros_initializer))
logits = tf.matmul(hidden, tf.get_variable("w2", [32, 10])) + tf.get_variable("b2", [10], initializer=tf.zeros_initializer)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))

order = np.random.RandomState(0)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _epoch in range(20):
        shuffled = order.permutation(1437)
        for start in range(0, 1437, 128):
            rows = shuffled[start : start + 128]
            _, value = sess.run([train, loss], feed_dict={x: images[rows], y: labels[rows]})
    held_out = sess.run(accuracy, {x: images[1437:], y: labels[1437:]})
print(f"tensorflow: loss {value:.4f}, held-out accuracy {held_out:.4f}")
