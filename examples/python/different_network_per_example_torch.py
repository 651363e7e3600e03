"""Every example has a network of its own: that of an expression such as ((3+4)-(1+2)) has the expression's form.

    python -m twofold examples/python/different_network_per_example_torch.py

A digit becomes a vector, + and - each have a layer that joins the vectors of their two sides, and what is read off the
last vector should be the value. Python's recursion makes the network anew for every expression. Its twins,
examples/different_network_per_example.cpp and different_network_per_example_tensorflow.py, print the same numbers.
"""

import numpy as np
import torch
from torch import nn

WIDTH = 8


def spread(n_out, n_in):
    """Numbers in [-1/6, 1/6] that any language makes alike."""
    k = np.arange(n_out * n_in).reshape(n_out, n_in)
    return torch.from_numpy(((k * 7919 % 1000 - 500) / 3000).astype(np.float32))


leaf, plus, minus, out = nn.Linear(1, WIDTH), nn.Linear(2 * WIDTH, WIDTH), nn.Linear(2 * WIDTH, WIDTH), nn.Linear(WIDTH, 1)
for layer in (leaf, plus, minus, out):
    layer.weight.data = spread(*layer.weight.shape)
    layer.bias.data.zero_()
optimizer = torch.optim.SGD([p for layer in (leaf, plus, minus, out) for p in layer.parameters()], lr=0.03)


def tree_of(letters):
    """A digit, or (left side, operation, right side)."""
    letter = next(letters)
    if letter != "(":
        return int(letter)
    tree = tree_of(letters), next(letters), tree_of(letters)
    next(letters)  # the closing parenthesis
    return tree


def vector(tree):
    if isinstance(tree, int):
        return leaf(torch.tensor([[tree / 10]]))
    left, operation, right = tree
    both = torch.cat([vector(left), vector(right)], 1)
    return plus(both) if operation == "+" else minus(both)


def says(expression):
    return out(vector(tree_of(iter(expression))))


with open("examples/expressions.txt") as file:
    expressions = file.read().split()
for epoch in range(40):
    total = 0.0
    for expression in expressions:
        optimizer.zero_grad()
        loss = ((says(expression) - eval(expression) / 10) ** 2).sum()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 8 == 7:
        print(f"epoch {epoch + 1:2}: mean loss {total / len(expressions):.9g}")

for expression in ("(8-3)", "((3+4)-(1+2))", "((((1+2)-(3+4))+5)-((6-7)+8))"):
    with torch.no_grad():
        answer = 10 * says(expression).item()
    print(f"{expression} = {eval(expression)}, the network says {answer:.4f}")
