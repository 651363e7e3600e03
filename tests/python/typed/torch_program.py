"""A program in the torch face, for mypy: it must fit the stubs, and what is marked as wrong must not."""

from typing import assert_type

import twofold.torch as torch
import twofold.torch.nn.functional as F
from twofold.torch import Tensor, nn, optim
from twofold.torch.autograd import Variable
from twofold.torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.first = nn.Linear(3, hidden)
        self.rest = nn.Sequential(nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, 2))
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.rest(F.relu(self.first(x)))
        return y * self.scale


def train(net: Net, steps: int) -> float:
    torch.manual_seed(0)
    x, y = torch.randn(8, 3), torch.randint(0, 2, (8,))
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    loss = torch.zeros(())
    for batch, target in DataLoader(TensorDataset(x, y), batch_size=4, shuffle=True):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(batch), target)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    return float(loss.item())


def tensors(x: Tensor) -> None:
    assert_type(x + 1, Tensor)
    assert_type(2.0 - x @ x.t(), Tensor)
    assert_type(torch.exp(x), Tensor)
    assert_type(x.exp().sqrt(), Tensor)
    assert_type(x.view(-1, 2).expand(3, 2), Tensor)
    assert_type(torch.cat([x, x], dim=0), Tensor)
    assert_type(x[0, 1:], Tensor)
    assert_type(x.dim(), int)
    assert_type(x.requires_grad, bool)
    assert_type(x.add_(1).mul_(x), Tensor)
    assert_type(torch.clamp(x, min=0, max=1), Tensor)
    assert_type(torch.addcmul(x, x, x, value=0.5), Tensor)
    assert_type(torch.allclose(x, x), bool)
    with torch.no_grad():
        x.copy_(torch.zeros(2, 2, dtype=torch.float64))
    Variable(x, requires_grad=True)
    torch.add(x, 1, alpha=2, out=x)


def mistakes(x: Tensor) -> None:
    torch.exp("text")  # type: ignore[arg-type]
    torch.no_such_function(x)  # type: ignore[attr-defined]
    x.no_such_method()  # type: ignore[attr-defined]
    torch.amax(x, axes=1)  # type: ignore[call-arg]
    torch.atan2(x)  # type: ignore[call-arg]
    nn.Linear("3", 2)  # type: ignore[arg-type]
    F.gelu(x, approximate=1)  # type: ignore[arg-type]
