"""The plain API, as its stubs have it."""

from __future__ import annotations

import numpy as np

import twofold as tw


class Net(tw.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc: tw.nn.Linear = self.register_module("fc", tw.nn.Linear(3, 2))

    def forward(self, x: tw.Tensor) -> tw.Tensor:
        return tw.relu(self.fc(x))


net = Net()
optimiser = tw.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
loss: tw.Tensor = ((net(np.ones((1, 3), np.float32)) - 1) * 2).mean()
loss.backward()
optimiser.step()
total: float = loss.item() + 1
graph = tw.Graph()
with graph, tw.NameScope("layer"):
    x = tw.placeholder(tw.f32, [tw.unknown, 3], "x")
    train: tw.Operation = optimiser.minimize(tw.sum(net(x)))
session = tw.Session(graph, passes=False)
session.run([x, train], {x: [[1, 2, 3]]})
runs: int = session.stats().runs
handle: tw.HookHandle = x.register_hook(lambda gradient: gradient * 2)
try:
    tw.load_npz("none.npz")
except tw.IoError as error:
    print(error)
for batch in tw.data.DataLoader([loss], batch_size=2):
    first: tw.Tensor = batch[0]
tw.placeholder(3)  # type: ignore[arg-type]
tw.nn.Linear("three", 2)  # type: ignore[arg-type]
session.run(graph)  # type: ignore[arg-type]
tw.optim.SGD(net.parameters(), lr=0.1, beta=1)  # type: ignore[call-arg]
