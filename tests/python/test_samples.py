"""tf.sample_values: a graph that shows numbers while it is built, and runs as if nobody had looked."""

from __future__ import annotations

import numpy as np
import pytest

import twofold.tensorflow as tf
import twofold.torch as torch

X = np.array([[1, 2], [3, 4]], np.float32)


def x_and_w() -> tuple:
    return tf.placeholder(tf.float32, [None, 2], name="x"), tf.get_variable("w", [2], initializer=tf.ones_initializer())


ROWS = [
    ("x", "\n[[1. 2.]\n [3. 4.]]"),
    ("tf.shape(x)", " [2 2]"),
    ("x * w + 1.", "\n[[2. 3.]\n [4. 5.]]"),
    ("tf.reduce_sum(x)", " 10.0"),
    ("tf.gradients(tf.reduce_sum(x * w), [w])[0]", " [4. 6.]"),
    ("w", " [1. 1.]"),
    ("w.assign(w + 1.)", " [2. 2.]"),
    ("tf.cond(tf.reduce_sum(x) > 0., lambda: tf.constant(1), lambda: tf.constant(2))", " 1"),
    ("tf.while_loop(lambda i: i < 7, lambda i: i * 2, [tf.constant(1)])", " 8"),
    ("tf.py_func(lambda a: a + 1, [x], tf.float32)", "\n[[2. 3.]\n [4. 5.]]"),
    ("torch.nn.Flatten(0)(x)", " [1. 2. 3. 4.]"),
]


@pytest.mark.parametrize("code, value", ROWS, ids=[r[0] for r in ROWS])
def test_a_node_shows_its_value(code: str, value: str) -> None:
    x, w = x_and_w()
    with tf.sample_values({x: X}):
        made = eval(code, {"tf": tf, "torch": torch, "x": x, "w": w})
        assert str(made).partition(" =")[2] == value
        assert repr(made).partition(" =")[2] == value
    assert " =" not in str(made)


def test_what_depends_on_no_sample_has_no_value() -> None:
    x, other = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [2])
    with tf.sample_values({x: [1, 2]}):
        assert str(x + other) == 'Tensor("add:0", shape=(2,), dtype=float32)'
        assert str(x + 1).endswith("= [2. 3.]")


def test_a_variable_shows_the_default_sessions_value() -> None:
    x, w = x_and_w()
    with tf.Session() as sess:
        sess.run(w.initializer)
        sess.run(w.assign([5, 6]))
        with tf.sample_values({x: X}):
            assert str(w).endswith("= [5. 6.]")
            stepped = tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_sum(w))
            assert str(w.value()).endswith("= [5. 6.]")  # the step has not run
        sess.run(stepped)
        assert sess.run(w).tolist() == [4.5, 5.5]


def test_nothing_is_changed() -> None:
    """The same program with and without samples gives the same bits."""

    def results(samples: bool) -> list:
        tf.reset_default_graph()
        tf.set_random_seed(1)
        x, w = x_and_w()

        def program() -> list:
            noise = tf.random_normal([2])
            chosen = tf.cond(tf.reduce_sum(x) > 0, lambda: tf.random_uniform([2]), lambda: noise)
            loss = tf.reduce_mean(tf.nn.dropout(x * w, 0.5)) + tf.reduce_sum(noise * chosen)
            return [loss, noise, chosen, tf.train.AdamOptimizer(0.1).minimize(loss)]

        if samples:
            with tf.sample_values({x: X}):
                fetches = program()
                assert "=" in str(fetches[0])
        else:
            fetches = program()
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            runs = [sess.run(fetches, {x: X})[:3] for _ in range(3)]
            return [np.concatenate([np.ravel(a) for a in r]).tolist() for r in runs] + [sess.run(w).tolist()]

    assert results(True) == results(False)


def test_a_mistake_shows_at_the_users_line() -> None:
    """Shapes known only when the graph runs are known here."""
    x, _ = x_and_w()
    with tf.sample_values({x: X}):
        flat = tf.reshape(x, [-1])
        with pytest.raises(ValueError, match=r"Dimensions must be equal, but are 2 and 4[^$]*test_samples.py"):
            tf.add(x, flat)


def test_a_sample_must_fit() -> None:
    x, _ = x_and_w()
    with pytest.raises(ValueError, match="Cannot feed value of shape"), tf.sample_values({x: [1, 2]}):
        pass
    with pytest.raises(TypeError, match="Cannot interpret feed_dict key"), tf.sample_values({"y:0": 1}):
        pass
    assert " =" not in str(x)


def test_inside_a_torch_module() -> None:
    """forward() of a module called on a placeholder prints numbers too."""
    seen = []

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = torch.nn.Linear(2, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = self.fc(x)
            seen.append(str(h))
            return h

    x, net = tf.placeholder(tf.float32, [None, 2]), Net()
    with tf.sample_values({x: X}):
        y = net(x)
    expected = str(net(torch.from_numpy(X)).detach().numpy())
    assert seen[0].endswith(f"=\n{expected}")
    assert isinstance(y, tf.Tensor)
