"""Sessions of the TensorFlow face: what each keeps to itself, and how torch code reaches it."""

from __future__ import annotations

import numpy as np
import pytest

import twofold.tensorflow as tf
import twofold.torch as torch


def test_each_session_has_its_own_variables() -> None:
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    add, twice = v.assign_add([1.0, 2.0]), v * 2
    a, b = tf.Session(), tf.Session()
    a.run(v.initializer)
    with pytest.raises(tf.errors.FailedPreconditionError, match="Attempting to use uninitialized value v"):
        b.run(twice)
    b.run(v.initializer)
    assert a.run(add).tolist() == [2, 3]
    assert (a.run(v).tolist(), b.run(v).tolist(), b.run(twice).tolist()) == ([2, 3], [1, 1], [2, 2])
    v.load([7, 8], b)
    assert (a.run(v).tolist(), b.run(v).tolist()) == ([2, 3], [7, 8])
    with pytest.raises(tf.errors.FailedPreconditionError):
        tf.Session().run(v)


def test_each_session_begins_the_streams_anew() -> None:
    seeded, free = tf.random_uniform([2], seed=3), tf.random_uniform([2])
    a, b = tf.Session(), tf.Session()
    first, second = a.run(seeded), a.run(seeded)
    assert first.tolist() == b.run(seeded).tolist() and second.tolist() == b.run(seeded).tolist()
    assert first.tolist() != second.tolist() and a.run(free).tolist() != b.run(free).tolist()


def test_a_variable_of_a_session_is_trained_by_torch() -> None:
    """One memory: torch.optim changes what sess.run evaluates, and the gradients agree bit for bit."""
    w = tf.get_variable("w", [3], initializer=tf.zeros_initializer())
    x = tf.placeholder(tf.float32, [4, 3])
    loss = tf.reduce_mean(tf.square(tf.reduce_sum(x * w, 1) - 1.0))
    gradient = tf.gradients(loss, [w])[0]
    data = np.random.RandomState(0).randn(4, 3).astype(np.float32)
    with tf.Session() as sess:
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value w"):
            sess.tensor(w)
        sess.run(w.initializer)
        trained = sess.tensor(w)
        optimizer = torch.optim.SGD([trained], lr=0.1)
        for _ in range(20):
            optimizer.zero_grad()
            ((torch.from_numpy(data) * trained).sum(1) - 1.0).pow(2).mean().backward()
            assert trained.grad.tolist() == sess.run(gradient, {x: data}).tolist()
            optimizer.step()
        assert sess.run(w).tolist() == trained.tolist() and sess.run(loss, {x: data}) < 0.5
        assert np.shares_memory(trained.detach().numpy(), sess.tensor(w).detach().numpy())
    with pytest.raises(TypeError, match="wants a tf.Variable"):
        tf.Session().tensor(x)
