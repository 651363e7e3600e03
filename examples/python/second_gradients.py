"""Gradients of gradients in both faces: the same function, the same numbers, bit for bit.

    python examples/python/second_gradients.py
"""

import numpy as np

import twofold.tensorflow as tf
import twofold.torch as torch

values = np.array([0.5, -1.0, 2.0], np.float32)

x = torch.from_numpy(values).requires_grad_()
y = (torch.tanh(x) * x).sum()
(first,) = torch.autograd.grad(y, x, create_graph=True)
(second,) = torch.autograd.grad(first.sum(), x)
print("define-by-run: ", first.tolist(), second.tolist())

p = tf.placeholder(tf.float32, [3])
(g1,) = tf.gradients(tf.reduce_sum(tf.tanh(p) * p), p)
(g2,) = tf.gradients(g1, p)
with tf.Session() as sess:
    in_graph = sess.run([g1, g2], {p: values})
print("define-and-run:", *(g.tolist() for g in in_graph))
print("equal:", first.tolist() == in_graph[0].tolist() and second.tolist() == in_graph[1].tolist())
