"""A small network on handwritten digits, as PyTorch users write it.

    python -m twofold examples/python/mlp_torch.py

Its twins, examples/mlp.cpp and mlp_tensorflow.py, print the same numbers.
"""

import numpy as np
import torch
from torch import nn

digits = np.load("data/digits.npz")
x = torch.from_numpy(digits["images"].reshape(-1, 64).astype(np.float32) / 16)
y = torch.from_numpy(digits["labels"].astype(np.int64))


def spread(n_out, n_in):
    """Numbers in [-0.1, 0.1] that any language makes alike."""
    k = np.arange(n_out * n_in).reshape(n_out, n_in)
    return torch.from_numpy(((k * 7919 % 1000 - 500) / 5000).astype(np.float32))


net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
for layer in (net[0], net[2]):
    layer.weight.data = spread(*layer.weight.shape)
    layer.bias.data.zero_()
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
loss_of = nn.CrossEntropyLoss()

for epoch in range(10):
    for start in range(0, 1437, 128):
        rows = slice(start, min(start + 128, 1437))
        optimizer.zero_grad()
        loss = loss_of(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: loss {loss.item():.9g}")

with torch.no_grad():
    right = net(x[1437:]).argmax(1) == y[1437:]
print(f"held out: {right.sum().item()} of {len(right)} right")
