"""One module, two ways to run, one memory: TensorFlow's graph trains a torch module, and its values are read eagerly.

    python examples/python/one_world.py
"""

import numpy as np

import twofold.tensorflow as tf
import twofold.torch as torch

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))

x = tf.placeholder(tf.float32, [None, 2])
loss = tf.reduce_mean(tf.square(net(x) - 0.5))  # net(x) made nodes; its parameters are variables now
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
print("variables:", [v.name for v in tf.trainable_variables()])

data = np.random.RandomState(0).randn(64, 2).astype(np.float32)
with tf.Session() as sess:
    for _ in range(50):
        sess.run(train, {x: data})
    in_graph = sess.run(loss, {x: data})
eager = ((net(torch.from_numpy(data)) - 0.5) ** 2).mean()
print(f"loss: {in_graph:.6f} in the graph, {eager.item():.6f} eagerly; equal: {float(in_graph) == eager.item()}")
