"""A small network on handwritten digits, written as PyTorch users write it.

    python -m twofold examples/python/mlp_torch.py
"""

import numpy as np
import torch
from torch import nn

digits = np.load("data/digits.npz")
x = torch.from_numpy(digits["images"].reshape(-1, 64).astype(np.float32) / 16)
y = torch.from_numpy(digits["labels"].astype(np.int64))

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loss_of = nn.CrossEntropyLoss()

for _epoch in range(20):
    for rows in torch.randperm(1437).split(128):
        optimizer.zero_grad()
        loss = loss_of(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()

with torch.no_grad():
    right = net(x[1437:]).argmax(1) == y[1437:]
print(f"torch: loss {loss.item():.4f}, held-out accuracy {right.float().mean().item():.4f}")
