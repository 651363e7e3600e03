"""Ten programs of different kinds, 200 steps each, against a float64 run of PyTorch's.

Ours may err by twice as much as PyTorch itself does in float32: the largest error of the run so far counts, since
single steps cross zero error now and then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from oracle.report import Section
from oracle.torch_side import OURS, THEIRS

STEPS = 200
Program = Callable[[Any, Any], Iterator[float]]  # of the module and a dtype; yields a loss for each step


def data(m: Any, dtype: Any, rows: int, columns: int) -> Any:
    return m.randn(rows, columns).to(dtype)


def linear_regression(m: Any, dtype: Any) -> Iterator[float]:
    """No module and no optimiser: a parameter updated by hand under no_grad()."""
    x = data(m, dtype, 40, 3)
    y = x @ m.tensor([1.0, -2.0, 0.5], dtype=dtype) + 0.3
    w, b = m.zeros(3, dtype=dtype, requires_grad=True), m.zeros(1, dtype=dtype, requires_grad=True)
    for _ in range(STEPS):
        loss = ((x @ w + b - y) ** 2).mean()
        loss.backward()
        with m.no_grad():
            for p in (w, b):
                p -= 0.05 * p.grad
                p.grad.zero_()
        yield loss.item()


def logistic_regression(m: Any, dtype: Any) -> Iterator[float]:
    """Legacy Variables, data edited through .data, the loss by its formula."""
    x = data(m, dtype, 50, 4)
    y = (x[:, :1] + x[:, 1:2] > 0).to(dtype)
    w = m.autograd.Variable(m.zeros(4, 1).to(dtype), requires_grad=True)
    for _ in range(STEPS):
        p = m.sigmoid(x.mm(w))
        loss = -(y * m.log(p) + (1 - y) * m.log(1 - p)).mean()
        loss.backward()
        w.data -= 0.3 * w.grad.data
        w.grad.data.zero_()
        yield loss.item()


def classifier(m: Any, dtype: Any) -> Iterator[float]:
    """A multi-layer perceptron, cross-entropy, SGD with momentum, mini-batches from a shuffling loader."""
    net = m.nn.Sequential(m.nn.Linear(5, 16), m.nn.ReLU(), m.nn.Linear(16, 3)).to(dtype)
    x = data(m, dtype, 60, 5)
    loader = m.utils.data.DataLoader(m.utils.data.TensorDataset(x, x[:, :3].argmax(1)), batch_size=20, shuffle=True)
    optimizer = m.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    batches = iter(loader)
    for step in range(STEPS):
        if step % 3 == 0:
            batches = iter(loader)
        inputs, targets = next(batches)
        optimizer.zero_grad()
        loss = m.nn.CrossEntropyLoss()(net(inputs), targets)
        loss.backward()
        optimizer.step()
        yield loss.item()


def autoencoder(m: Any, dtype: Any) -> Iterator[float]:
    """A module of one's own with tied weights, Adam with weight decay, tanh."""

    class Tied(m.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = m.nn.Parameter(m.randn(6, 3) * 0.3)
            self.bias = m.nn.Parameter(m.zeros(6))

        def forward(self, x: Any) -> Any:
            return m.tanh(x @ self.weight) @ self.weight.t() + self.bias

    net = Tied().to(dtype)
    x = data(m, dtype, 30, 6)
    optimizer = m.optim.Adam(net.parameters(), lr=0.02, weight_decay=1e-3)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = m.nn.functional.mse_loss(net(x), x)
        loss.backward()
        optimizer.step()
        yield loss.item()


def dropout_in_turn(m: Any, dtype: Any) -> Iterator[float]:
    """Trained with dropout, judged without: train() and eval() in turn; two groups of parameters."""
    first, second = m.nn.Linear(4, 12), m.nn.Linear(12, 1)
    net = m.nn.Sequential(first, m.nn.Dropout(0.25), m.nn.LeakyReLU(0.1), second).to(dtype)
    x = data(m, dtype, 32, 4)
    y = x[:, :1] * x[:, 1:2]
    optimizer = m.optim.SGD([{"params": first.parameters()}, {"params": second.parameters(), "lr": 0.01}], lr=0.05)
    for _ in range(STEPS):
        net.train()
        optimizer.zero_grad()
        (net(x) - y).abs().mean().backward()
        optimizer.step()
        net.eval()
        with m.no_grad():
            yield (net(x) - y).abs().mean().item()


def newton(m: Any, dtype: Any) -> Iterator[float]:
    """Second derivatives: damped Newton steps on a small function, by autograd.grad with create_graph."""
    p = m.tensor([1.5, -0.8], dtype=dtype, requires_grad=True)
    for _ in range(STEPS):
        value = (p**4).sum() + p[0] * p[1] + m.exp(-p[0])
        (first,) = m.autograd.grad(value, p, create_graph=True)
        rows = [m.autograd.grad(first[i], p, retain_graph=True)[0] for i in range(2)]
        a, b, c, d = rows[0][0], rows[0][1], rows[1][0], rows[1][1]
        step = m.stack([d * first[0] - b * first[1], a * first[1] - c * first[0]]) / (a * d - b * c)
        with m.no_grad():
            p -= 0.02 * step
        yield value.item()


def straight_through(m: Any, dtype: Any) -> Iterator[float]:
    """A function with a derivative of its own: a sign in forward, a clipped identity in backward."""

    class Sign(m.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return (x > 0).to(x.dtype) * 2 - 1

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            (x,) = ctx.saved_tensors
            return gradient * (x.abs() < 1).to(x.dtype)

    w = (data(m, dtype, 8, 4) * 0.5).requires_grad_()
    scale = m.ones(4, dtype=dtype, requires_grad=True)
    x = data(m, dtype, 40, 8)
    y = m.tanh(x[:, :4])
    optimizer = m.optim.Adam([w, scale], lr=0.01)
    for _ in range(STEPS):
        loss = (x @ Sign.apply(w) * scale * 0.3 - y).pow(2.0).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def embedding(m: Any, dtype: Any) -> Iterator[float]:
    """Rows of a table picked by index, summed; duplicates add up in the gradient; momentum and Nesterov."""
    table = (data(m, dtype, 12, 4) * 0.1).requires_grad_()
    head = m.nn.Linear(4, 2).to(dtype)
    words = m.randint(0, 12, (30, 5))
    target = (words.sum(1) > 27).long()
    optimizer = m.optim.SGD([table, *head.parameters()], lr=0.1, momentum=0.8, nesterov=True)
    for _ in range(STEPS):
        rows = table.index_select(0, words.view(-1)).view(30, 5, 4)
        loss = m.nn.functional.nll_loss(m.log_softmax(head(rows.sum(1)), 1), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def graphs_of_their_own(m: Any, dtype: Any) -> Iterator[float]:
    """A recurrent cell, unrolled as often as the example says: a different graph for each."""
    cell, out = m.nn.Linear(3 + 5, 5).to(dtype), m.nn.Linear(5, 1).to(dtype)
    sequences = [data(m, dtype, 1 + k % 6, 3) for k in range(20)]
    optimizer = m.optim.Adam([*cell.parameters(), *out.parameters()], lr=0.01)
    for step in range(STEPS):
        sequence = sequences[step % len(sequences)]
        state = m.zeros(1, 5, dtype=dtype)
        for row in sequence:
            state = m.tanh(cell(m.cat([row.view(1, 3), state], 1)))
        loss = (out(state).squeeze() - sequence.sum()) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def clipped(m: Any, dtype: Any) -> Iterator[float]:
    """Gradients accumulated over two batches, then clipped by their norm; the learning rate falls."""
    net = m.nn.Sequential(m.nn.Linear(3, 10), m.nn.Sigmoid(), m.nn.Linear(10, 3), m.nn.LogSoftmax(dim=1)).to(dtype)
    x = data(m, dtype, 40, 3)
    target = x.argmax(1)
    optimizer = m.optim.SGD(net.parameters(), lr=1.0)
    for step in range(STEPS):
        optimizer.zero_grad()
        for half in (slice(0, 20), slice(20, 40)):
            loss = m.nn.NLLLoss()(net(x[half]), target[half])
            loss.backward()
        m.nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
        for group in optimizer.param_groups:
            group["lr"] = 1.0 / (1 + step / 50)
        optimizer.step()
        yield loss.item()


PROGRAMS: list[Program] = [linear_regression, logistic_regression, classifier, autoencoder, dropout_in_turn, newton,
                           straight_through, embedding, graphs_of_their_own, clipped]  # fmt: skip


def losses(module: Any, program: Program, dtype: str) -> np.ndarray:
    module.manual_seed(20)
    return np.array(list(program(module, getattr(module, dtype))))


def compare_training(section: Section) -> None:
    rows = ["| program | largest error here | there |", "|---|---|---|"]
    for program in section.each(PROGRAMS):
        exact = losses(THEIRS.module, program, "float64")
        a, b = (np.abs(losses(side.module, program, "float32") - exact) for side in (THEIRS, OURS))
        section.compared += len(exact)
        bound = 2 * np.maximum.accumulate(a) + 1e-6
        error = np.maximum.accumulate(b)
        rows.append(f"| {program.__name__}: {program.__doc__} | {b.max():.2g} | {a.max():.2g} |")
        if not (error <= bound).all():
            step = int(np.argmax(error > bound))
            section.differ(program.__name__, f"step {step}: {error[step]:.3g} off, allowed {bound[step]:.3g}")
    section.note(f"{STEPS} steps each, in float32; the errors are distances from a run of PyTorch's in float64.")
    section.note("\n".join(rows))
