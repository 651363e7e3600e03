"""Gradients of gradients: a network that learns y = x0 * x1 and, with it, to have that function's slopes (x1, x0).

    python -m twofold examples/python/second_gradients_torch.py

The loss holds the network's derivative by its inputs, so training differentiates a derivative. Its twins,
examples/second_gradients.cpp and second_gradients_tensorflow.py, print the same numbers.
"""

import numpy as np
import torch

WIDTH = 16
axis = np.arange(-4, 5) / 4
points = np.stack([np.repeat(axis, 9), np.tile(axis, 9)], 1).astype(np.float32)
x = torch.from_numpy(points).requires_grad_()
y = torch.from_numpy(points[:, :1] * points[:, 1:])
slopes = torch.from_numpy(points[:, ::-1].copy())


def spread(n_in, n_out):
    """Numbers in [-0.5, 0.5] that any language makes alike."""
    k = np.arange(n_in * n_out).reshape(n_in, n_out)
    return torch.from_numpy(((k * 7919 % 1000 - 500) / 1000).astype(np.float32)).requires_grad_()


w1, b1, w2, b2, w3 = spread(2, WIDTH), spread(1, WIDTH), spread(WIDTH, WIDTH), spread(1, WIDTH), spread(WIDTH, 1)
optimizer = torch.optim.SGD([w1, b1, w2, b2, w3], lr=0.02)

for step in range(401):
    z = torch.tanh(torch.tanh(x @ w1 + b1) @ w2 + b2) @ w3
    (dz,) = torch.autograd.grad(z.sum(), x, create_graph=True)
    value_loss, slope_loss = ((z - y) ** 2).mean(), ((dz - slopes) ** 2).mean()
    loss = value_loss + slope_loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(f"step {step:3}: value {value_loss.item():.9g}, slope {slope_loss.item():.9g}")

a = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
(first,) = torch.autograd.grad((torch.tanh(a) * a).sum(), a, create_graph=True)
(second,) = torch.autograd.grad(first.sum(), a, create_graph=True)
(third,) = torch.autograd.grad(second.sum(), a)
print("derivatives of a * tanh(a):")
for order in (first, second, third):
    print(" ".join(f"{v:.9g}" for v in order.tolist()))
