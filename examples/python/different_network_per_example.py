"""A model whose shape differs for every example: a sum over a tree, written as plain Python on torch tensors.

    python -m twofold examples/python/different_network_per_example.py
"""

import torch
from torch import nn

torch.manual_seed(0)
leaf, join = nn.Linear(1, 4), nn.Linear(8, 4)
read = nn.Linear(4, 1)
parameters = [p for m in (leaf, join, read) for p in m.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.02)


def encode(tree):
    """A number, or a pair of trees: the network has the tree's form."""
    if isinstance(tree, tuple):
        return torch.tanh(join(torch.cat([encode(tree[0]), encode(tree[1])])))
    return torch.tanh(leaf(torch.tensor([float(tree)])))


def total(tree):
    return total(tree[0]) + total(tree[1]) if isinstance(tree, tuple) else tree


TREES = [0.5, (0.25, 0.5), ((0.1, -0.3), 0.4), ((0.2, (0.1, 0.3)), (-0.5, 0.1)), (-0.6, (-0.2, (0.3, -0.1)))]
for step in range(150):
    optimizer.zero_grad()
    loss = sum(((read(encode(t)) - total(t)) ** 2).sum() for t in TREES)
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step}: loss {loss.item():.4f}")
for t in TREES[:3]:
    print(f"{t}: {read(encode(t)).item():.2f}, exactly {total(t):.2f}")
