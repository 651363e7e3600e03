"""Ten programs of different kinds, 200 steps each, against a float64 run of TensorFlow's.

Ours may err by twice as much as TensorFlow itself does in float32: the largest error of the run so far counts, since
single steps cross zero error now and then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.report import Section
from oracle.tensorflow_side import OURS, THEIRS, Side

STEPS = 200
# Of the module and a dtype: the loss to watch, what trains, and what to feed for each step.
Program = Callable[[Any, Any], tuple[Any, Any, Callable[[int], dict]]]


def drawn(m: Any, dtype: Any, shape: list[int], seed: int, stddev: float = 1.0) -> Any:
    """The same numbers in every dtype."""
    return m.cast(m.truncated_normal(shape, stddev=stddev, seed=seed), dtype)


def weights(m: Any, dtype: Any, name: str, shape: list[int], seed: int, stddev: float = 0.5) -> Any:
    return m.Variable(drawn(m, dtype, shape, seed, stddev), name=name)


def data(rows: int, columns: int, seed: int = 1) -> np.ndarray:
    return np.random.RandomState(seed).normal(size=(rows, columns)).astype(np.float32)


def nothing(step: int) -> dict:
    return {}


def linear_regression(m: Any, dtype: Any) -> tuple:
    """No optimiser: gradients assigned by hand, in one group."""
    x = m.constant(data(40, 3), dtype)
    y = m.matmul(x, m.constant([[1.0], [-2.0], [0.5]], dtype)) + 0.3
    w, b = weights(m, dtype, "w", [3, 1], 3), m.Variable(m.zeros([1], dtype), name="b")
    loss = m.reduce_mean(m.square(m.matmul(x, w) + b - y))
    steps = [m.assign_sub(v, 0.05 * g) for v, g in zip((w, b), m.gradients(loss, [w, b]))]
    return loss, m.group(*steps), nothing


def logistic_regression(m: Any, dtype: Any) -> tuple:
    """Mini-batches fed into placeholders whose first size is unknown."""
    x, y = m.placeholder(dtype, [None, 4]), m.placeholder(dtype, [None, 1])
    w, b = weights(m, dtype, "w", [4, 1], 4), m.Variable(m.zeros([1], dtype))
    loss = m.reduce_mean(m.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=m.matmul(x, w) + b))
    values = data(60, 4)
    labels = (values[:, :1] + values[:, 1:2] > 0).astype(np.float32)

    def feed(step: int) -> dict:
        rows = slice(step % 3 * 20, step % 3 * 20 + 20 - step % 2)
        return {x: values[rows], y: labels[rows]}

    return loss, m.train.GradientDescentOptimizer(0.3).minimize(loss), feed


def classifier(m: Any, dtype: Any) -> tuple:
    """A multi-layer perceptron in variable scopes, softmax cross-entropy, Nesterov's momentum."""
    values = data(60, 5)
    made = m.constant(values, dtype)
    for k, (rows, columns) in enumerate([(5, 16), (16, 3)]):
        with m.variable_scope(f"layer{k}"):
            w = m.get_variable("w", initializer=drawn(m, dtype, [rows, columns], 10 + k, 0.4))
            b = m.get_variable("b", [columns], dtype, m.zeros_initializer())
        made = m.nn.bias_add(m.matmul(made if k == 0 else m.nn.relu(made), w), b)
    labels = m.constant(values[:, :3].argmax(1), m.int32)
    loss = m.reduce_mean(m.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=made))
    return loss, m.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True).minimize(loss), nothing


def autoencoder(m: Any, dtype: Any) -> tuple:
    """Tied weights, Adam, weight decay by l2_loss."""
    x = m.constant(data(30, 6), dtype)
    w, b = weights(m, dtype, "w", [6, 3], 5, 0.3), m.Variable(m.zeros([6], dtype))
    coded = m.tanh(m.matmul(x, w))
    decoded = m.matmul(coded, w, transpose_b=True) + b
    loss = m.reduce_mean(m.squared_difference(decoded, x)) + 1e-3 * m.nn.l2_loss(w)
    return loss, m.train.AdamOptimizer(0.02).minimize(loss), nothing


def dropout(m: Any, dtype: Any) -> tuple:
    """Trained with dropout under a seed, judged without; RMSProp."""
    values = data(32, 4)
    x, y = m.constant(values, dtype), m.constant(values[:, :1] * values[:, 1:2], dtype)
    first, second = weights(m, dtype, "first", [4, 12], 6), weights(m, dtype, "second", [12, 1], 7)
    hidden = m.nn.leaky_relu(m.matmul(x, first), 0.1)
    kept = hidden * m.cast(m.nn.dropout(m.ones([32, 12]), keep_prob=0.75, seed=8), dtype)
    trained = m.reduce_mean(m.abs(m.matmul(kept, second) - y))
    judged = m.reduce_mean(m.abs(m.matmul(hidden, second) - y))
    return judged, m.train.RMSPropOptimizer(0.003, decay=0.9, momentum=0.5).minimize(trained), nothing


def embedding(m: Any, dtype: Any) -> tuple:
    """Rows of a table looked up: sparse gradients with duplicates; Adagrad."""
    words = np.random.RandomState(2).randint(0, 12, (30, 5))
    table, head = weights(m, dtype, "table", [12, 4], 9, 0.2), weights(m, dtype, "head", [4, 2], 10)
    summed = m.reduce_sum(m.nn.embedding_lookup(table, m.constant(words)), 1)
    target = m.one_hot((words.sum(1) > 27).astype(np.int32), 2, dtype=dtype)
    loss = m.reduce_mean(m.nn.softmax_cross_entropy_with_logits_v2(labels=target, logits=m.matmul(summed, head)))
    return loss, m.train.AdagradOptimizer(0.1).minimize(loss), nothing


def recurrence(m: Any, dtype: Any) -> tuple:
    """A cell applied by while_loop as often as is fed, trained through."""
    length, x = m.placeholder(m.int32, []), m.constant(data(8, 3), dtype)
    cell, out = weights(m, dtype, "cell", [8, 5], 11, 0.3), weights(m, dtype, "out", [5, 1], 12)

    def body(k: Any, state: Any) -> tuple:
        return k + 1, m.tanh(m.matmul(m.concat([x, state], 1), cell))

    _, state = m.while_loop(lambda k, state: k < length, body, [0, m.zeros([8, 5], dtype)])
    loss = m.reduce_mean(m.square(m.matmul(state, out) - m.reduce_sum(x, 1, keepdims=True)))
    return loss, m.train.AdamOptimizer(0.01).minimize(loss), lambda step: {length: 1 + step % 6}


def gradient_penalty(m: Any, dtype: Any) -> tuple:
    """The gradient with respect to the input is part of the loss: gradients of gradients, in a branch on alternate steps."""
    x, odd = m.constant(data(20, 3), dtype), m.placeholder(m.bool, [])
    w, v = weights(m, dtype, "w", [3, 8], 13), weights(m, dtype, "v", [8, 1], 14)
    critic = m.matmul(m.tanh(m.matmul(x, w)), v)
    (slope,) = m.gradients(critic, [x])
    penalty = m.reduce_mean(m.square(m.sqrt(m.reduce_sum(m.square(slope), 1) + 1e-6) - 1.0))
    loss = m.reduce_mean(m.square(critic - x[:, :1])) + penalty
    train = m.train.GradientDescentOptimizer(m.cond(odd, lambda: m.constant(0.05, dtype), lambda: m.constant(0.02, dtype))).minimize(loss)
    return loss, train, lambda step: {odd: step % 2 == 1}


def clipped(m: Any, dtype: Any) -> tuple:
    """Gradients clipped by their common norm; the learning rate falls with the global step."""
    values = data(40, 3)
    x, target = m.constant(values, dtype), m.constant(values.argmax(1))
    w, v = weights(m, dtype, "w", [3, 10], 15), weights(m, dtype, "v", [10, 3], 16)
    logits = m.matmul(m.sigmoid(m.matmul(x, w)), v)
    loss = -m.reduce_mean(m.reduce_sum(m.one_hot(target, 3, dtype=dtype) * m.nn.log_softmax(logits), 1))
    count = m.train.get_or_create_global_step()
    rate = m.train.exponential_decay(1.0, count, 50, 0.7)
    optimizer = m.train.GradientDescentOptimizer(m.cast(rate, dtype))
    gradients, variables = zip(*optimizer.compute_gradients(loss))
    shrunk, _ = m.clip_by_global_norm(gradients, 0.5)
    return loss, optimizer.apply_gradients(zip(shrunk, variables), global_step=count), nothing


def averages(m: Any, dtype: Any) -> tuple:
    """Adadelta, and moving averages of the variables, by which the program is judged."""
    x = m.constant(data(25, 4), dtype)
    y = m.reduce_sum(m.sin(x), 1, keepdims=True)
    w, b = weights(m, dtype, "w", [4, 1], 17), m.Variable(m.zeros([1], dtype), name="b")
    loss = m.reduce_mean(m.square(m.matmul(x, w) + b - y))
    train = m.train.AdadeltaOptimizer(1.0, rho=0.9, epsilon=1e-4).minimize(loss)
    average = m.train.ExponentialMovingAverage(0.95)
    with m.control_dependencies([train]):
        train = average.apply([w, b])
    judged = m.reduce_mean(m.square(m.matmul(x, average.average(w)) + average.average(b) - y))
    return judged, train, nothing


PROGRAMS: list[Program] = [linear_regression, logistic_regression, classifier, autoencoder, dropout, embedding, recurrence,
                           gradient_penalty, clipped, averages]  # fmt: skip


def losses(side: Side, program: Program, dtype: str) -> np.ndarray:
    with side.graph(20), side.session() as session:
        loss, train, feed = program(side.module, side.find(dtype))
        session.run(side.module.global_variables_initializer())
        out = []
        for step in range(STEPS):
            out.append(session.run(loss, feed(step)))
            session.run(train, feed(step))
        return np.array(out, np.float64)


def compare_training(section: Section) -> None:
    for program in section.each(PROGRAMS):
        exact = losses(THEIRS, program, "float64")
        a, b = (losses(side, program, "float32") for side in (THEIRS, OURS))
        section.compared += 1
        bound = 2 * np.maximum.accumulate(np.abs(a - exact)) + 1e-6
        error = np.maximum.accumulate(np.abs(b - exact))
        words = f"loss {exact[0]:.3g} to {exact[-1]:.3g}, largest error {np.abs(b - exact).max():.2g} here, {np.abs(a - exact).max():.2g} there"
        section.note(f"- {program.__name__}: {words}")
        if not (error <= bound).all():
            step = int(np.argmax(error > bound))
            section.differ(program.__name__, f"step {step}: {error[step]:.3g} off, allowed {bound[step]:.3g}")
