"""Every example has a network of its own: that of an expression such as ((3+4)-(1+2)) has the expression's form.

    python -m twofold examples/python/different_network_per_example_tensorflow.py

A digit becomes a vector, + and - each have a layer that joins the vectors of their two sides, and what is read off the
last vector should be the value. The graph is made once, so an expression is fed as data: a row for each of its nodes,
sides first, which a loop goes through. Its twins, examples/different_network_per_example.cpp and
different_network_per_example_torch.py, print the same numbers.
"""

import numpy as np
import tensorflow as tf

WIDTH, ROOM = 8, 32  # at most 32 nodes


def spread(name, n_out, n_in):
    """Numbers in [-1/6, 1/6] that any language makes alike; TensorFlow has a layer's inputs first."""
    k = np.arange(n_out * n_in).reshape(n_out, n_in)
    return tf.get_variable(name, initializer=((k * 7919 % 1000 - 500) / 3000).astype(np.float32).T)


def layer(name, n_out, n_in):
    weight, bias = spread(name + "/weight", n_out, n_in), tf.get_variable(name + "/bias", [n_out], initializer=tf.zeros_initializer)
    return lambda x: tf.matmul(x, weight) + bias


leaf, plus, minus, out = layer("leaf", WIDTH, 1), layer("plus", WIDTH, 2 * WIDTH), layer("minus", WIDTH, 2 * WIDTH), layer("out", 1, WIDTH)
kinds = tf.placeholder(tf.int32, [None])  # 0 a digit, 1 plus, 2 minus
digits = tf.placeholder(tf.float32, [None])
sides = tf.placeholder(tf.int32, [None, 2])
value = tf.placeholder(tf.float32, [])


def joined(kind, both):
    return tf.cond(tf.equal(kind, 1), lambda: plus(both), lambda: minus(both))


def visit(i, vectors):
    """The vector of node i, into its row."""
    both = tf.reshape(tf.gather(vectors, sides[i]), [1, 2 * WIDTH])
    digit = tf.reshape(digits[i], [1, 1])
    vector = tf.cond(tf.equal(kinds[i], 0), lambda: leaf(digit), lambda: joined(kinds[i], both))
    return i + 1, vectors + tf.matmul(tf.reshape(tf.one_hot(i, ROOM), [ROOM, 1]), vector)


nodes = tf.shape(kinds)[0]
_, vectors = tf.while_loop(lambda i, _: i < nodes, visit, (tf.constant(0), tf.zeros([ROOM, WIDTH])))
says = out(tf.reshape(vectors[nodes - 1], [1, WIDTH]))
loss = tf.reduce_sum(tf.square(says - value))
train = tf.train.GradientDescentOptimizer(0.03).minimize(loss)


def tree_of(letters):
    """A digit, or (left side, operation, right side)."""
    letter = next(letters)
    if letter != "(":
        return int(letter)
    tree = tree_of(letters), next(letters), tree_of(letters)
    next(letters)  # the closing parenthesis
    return tree


def rows_of(tree, rows):
    """Adds (kind, digit, sides) for each node below this one and for itself; returns where that stands."""
    if isinstance(tree, int):
        rows.append((0, tree / 10, (0, 0)))
    else:
        left, operation, right = tree
        both = rows_of(left, rows), rows_of(right, rows)
        rows.append((1 if operation == "+" else 2, 0, both))
    return len(rows) - 1


def fed(expression):
    rows = []
    rows_of(tree_of(iter(expression)), rows)
    return {**dict(zip((kinds, digits, sides), zip(*rows))), value: eval(expression) / 10}


with open("examples/expressions.txt") as file:
    expressions = file.read().split()
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(40):
        total = 0.0
        for expression in expressions:
            total += float(sess.run([loss, train], fed(expression))[0])
        if epoch % 8 == 7:
            print(f"epoch {epoch + 1:2}: mean loss {total / len(expressions):.9g}")
    for expression in ("(8-3)", "((3+4)-(1+2))", "((((1+2)-(3+4))+5)-((6-7)+8))"):
        answer = 10 * sess.run(says, fed(expression)).item()
        print(f"{expression} = {eval(expression)}, the network says {answer:.4f}")
