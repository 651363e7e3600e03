"""The torch face: values, printed forms, dtypes, gradients, errors. Each row is code and what it must give."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest

import twofold.torch as torch
from twofold.torch import nn

F = nn.functional
NAMES = {"torch": torch, "nn": nn, "F": F, "np": np}

VALUES = [
    ("torch.tensor([1, 2])", "tensor([1, 2])"),
    ("torch.tensor([1., 2.5])", "tensor([1.0000, 2.5000])"),
    ("torch.tensor([[True], [False]])", "tensor([[ True],\n        [False]])"),
    ("torch.tensor(2**60 + 1)", "tensor(1152921504606846977)"),
    ("torch.tensor([])", "tensor([])"),
    ("torch.zeros(0, 3)", "tensor([], size=(0, 3))"),
    ("torch.zeros(2, dtype=torch.float64)", "tensor([0., 0.], dtype=torch.float64)"),
    ("torch.tensor([1e-8, 1.])", "tensor([1.0000e-08, 1.0000e+00])"),
    ("torch.tensor([1000000., 0.5])", "tensor([1.0000e+06, 5.0000e-01])"),
    ("torch.tensor([float('nan'), float('inf'), 1.])", "tensor([nan, inf, 1.])"),
    ("torch.arange(5)", "tensor([0, 1, 2, 3, 4])"),
    ("torch.arange(1., 2., 0.25)", "tensor([1.0000, 1.2500, 1.5000, 1.7500])"),
    ("torch.full((2,), 7)", "tensor([7, 7])"),
    ("torch.eye(2)", "tensor([[1., 0.],\n        [0., 1.]])"),
    ("torch.zeros(18, dtype=torch.int32)",
     "tensor([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n       dtype=torch.int32)"),
    ("torch.arange(1001.)", "tensor([   0.,    1.,    2.,  ...,  998.,  999., 1000.])"),
    ("torch.zeros(1, dtype=torch.int8).expand(2**40)", "tensor([0, 0, 0,  ..., 0, 0, 0], dtype=torch.int8)"),
    ("torch.tensor([1, 2], dtype=torch.uint8)", "tensor([1, 2], dtype=torch.uint8)"),
    ("torch.tensor([1., 2.]) * 2 + 1", "tensor([3., 5.])"),
    ("torch.tensor([1, 2], dtype=torch.int32) + 1.5", "tensor([2.5000, 3.5000])"),
    ("2 - torch.tensor([1, 2])", "tensor([1, 0])"),
    ("torch.tensor([3, 4]) / 2", "tensor([1.5000, 2.0000])"),
    ("torch.tensor([1., 2.]) ** 2", "tensor([1., 4.])"),
    ("torch.tensor([1, 2]) == torch.tensor([1, 3])", "tensor([ True, False])"),
    ("~torch.tensor([True])", "tensor([False])"),
    ("-torch.tensor([1])", "tensor([-1])"),
    ("abs(torch.tensor([-1.]))", "tensor([1.])"),
    ("torch.tensor([[1., 2.]]) @ torch.tensor([[3.], [4.]])", "tensor([[11.]])"),
    ("torch.arange(6).view(2, 3).sum(0)", "tensor([3, 5, 7])"),
    ("torch.arange(6).view(2, 3).sum(dim=1, keepdim=True)", "tensor([[ 3],\n        [12]])"),
    ("torch.arange(6.).view(2, 3).mean(axis=1)", "tensor([1., 4.])"),
    ("torch.tensor([[1., 5.], [7., 2.]]).max(1)",
     "torch.return_types.max(\nvalues=tensor([5., 7.]),\nindices=tensor([1, 0]))"),
    ("torch.max(torch.tensor([1., 5.]))", "tensor(5.)"),
    ("torch.tensor([[1., 5.], [7., 2.]]).argmax()", "tensor(2)"),
    ("torch.tensor([1., 2., 3., 4.]).std()", "tensor(1.2910)"),
    ("torch.tensor([3., 4.]).norm()", "tensor(5.)"),
    ("torch.cat([torch.ones(1), torch.zeros(2)])", "tensor([1., 0., 0.])"),
    ("torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])], 1)", "tensor([[1, 3],\n        [2, 4]])"),
    ("[t.tolist() for t in torch.arange(5).split(2)]", "[[0, 1], [2, 3], [4]]"),
    ("[t.tolist() for t in torch.arange(5).chunk(2)]", "[[0, 1, 2], [3, 4]]"),
    ("torch.arange(6).view(2, 3).t()", "tensor([[0, 3],\n        [1, 4],\n        [2, 5]])"),
    ("torch.zeros(1, 2, 1).squeeze().shape", "torch.Size([2])"),
    ("torch.zeros(2).unsqueeze(-1).shape", "torch.Size([2, 1])"),
    ("torch.arange(24).view(2, 3, 4).permute(2, 0, 1).shape", "torch.Size([4, 2, 3])"),
    ("torch.tensor([1., -2.]).clamp(min=0)", "tensor([1., 0.])"),
    ("torch.where(torch.tensor([True, False]), 1., 2.)", "tensor([1., 2.])"),
    ("torch.tensor([0, 3, 0]).nonzero()", "tensor([[1]])"),
    ("torch.tensor([1.7, -1.7]).long()", "tensor([ 1, -1])"),
    ("torch.LongTensor([1.7])", "tensor([1])"),
    ("torch.tensor([1.]).type()", "'torch.FloatTensor'"),
    ("torch.tensor([1.]).type(torch.LongTensor).type()", "'torch.LongTensor'"),
    ("torch.tensor([1.]).to(torch.float64).dtype", "torch.float64"),
    ("isinstance(torch.ones(1), torch.FloatTensor)", "True"),
    ("isinstance(torch.ones(1), torch.LongTensor)", "False"),
    ("torch.arange(12).view(3, 4)[1]", "tensor([4, 5, 6, 7])"),
    ("torch.arange(12).view(3, 4)[-1, 1::2]", "tensor([ 9, 11])"),
    ("torch.arange(12).view(3, 4)[:, None].shape", "torch.Size([3, 1, 4])"),
    ("torch.arange(12).view(3, 4)[..., 0]", "tensor([0, 4, 8])"),
    ("torch.arange(5)[torch.tensor([0, 3])]", "tensor([0, 3])"),
    ("torch.arange(5)[[4, -5]]", "tensor([4, 0])"),
    ("torch.arange(4)[torch.arange(4) > 1]", "tensor([2, 3])"),
    ("torch.arange(12).view(3, 4)[[0, 2], [1, 3]]", "tensor([ 1, 11])"),
    ("torch.cuda.is_available()", "False"),
    ("torch.device('cpu')", "device(type='cpu')"),
    ("'%.2f' % torch.tensor(1.5).item()", "'1.50'"),
    ("f'{torch.tensor(1.5):.3f}'", "'1.500'"),
    ("len(torch.zeros(3, 2))", "3"),
    ("[float(x) for x in torch.tensor([1., 2.])]", "[1.0, 2.0]"),
    ("int(torch.tensor(3)), bool(torch.tensor(0.))", "(3, False)"),
    ("np.asarray(torch.tensor([1, 2])).dtype", "dtype('int64')"),
    ("F.softmax(torch.tensor([0., 0.]), dim=0)", "tensor([0.5000, 0.5000])"),
    ("F.cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3]))", "tensor(1.3863)"),
    ("F.mse_loss(torch.tensor([1., 3.]), torch.tensor([1., 1.]))", "tensor(2.)"),
    ("nn.Linear(2, 3)", "Linear(in_features=2, out_features=3, bias=True)"),
    ("nn.Sequential(nn.Linear(2, 3), nn.ReLU())",
     "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ReLU()\n)"),
    ("nn.Parameter(torch.ones(2))", "Parameter containing:\ntensor([1., 1.], requires_grad=True)"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), VALUES)
def test_value(code: str, text: str) -> None:
    assert repr(eval(code, dict(NAMES))) == text


ERRORS = [
    ("torch.ones(2, 3) + torch.ones(2, 4)", RuntimeError,
     "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1"),
    ("torch.ones(2, 3) @ torch.ones(2, 3)", RuntimeError, "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"),
    ("torch.ones(6).view(4)", RuntimeError, "shape '[4]' is invalid for input of size 6"),
    ("torch.ones(6).view(-1, -1)", RuntimeError, "only one dimension can be inferred"),
    ("torch.ones(2, 3).t().view(6)", RuntimeError, "view size is not compatible with input tensor's size and stride"),
    ("torch.ones(2)[5]", IndexError, "index 5 is out of bounds for dimension 0 with size 2"),
    ("torch.ones(2).sum(2)", IndexError, "Dimension out of range (expected to be in range of [-1, 0], but got 2)"),
    ("torch.ones(2).item()", RuntimeError, "a Tensor with 2 elements cannot be converted to Scalar"),
    ("bool(torch.ones(2))", RuntimeError, "Boolean value of Tensor with more than one value is ambiguous"),
    ("torch.tensor([1, 2]).mean()", RuntimeError, "mean(): could not infer output dtype."),
    ("torch.tensor([1], requires_grad=True)", RuntimeError,
     "Only Tensors of floating point and complex dtype can require gradients"),
    ("torch.ones(2, requires_grad=True).numpy()", RuntimeError, "Can't call numpy() on Tensor that requires grad."),
    ("torch.ones(2, requires_grad=True).add_(1)", RuntimeError,
     "a leaf Variable that requires grad is being used in an in-place operation."),
    ("torch.ones(2, requires_grad=True)[0].add_(1)", RuntimeError, "a view of a leaf Variable that requires grad"),
    ("torch.ones(2).backward()", RuntimeError, "element 0 of tensors does not require grad and does not have a grad_fn"),
    ("torch.ones(2, requires_grad=True).exp().backward()", RuntimeError,
     "grad can be implicitly created only for scalar outputs"),
    ("torch.autograd.grad(torch.ones(1, requires_grad=True).exp().sum(), torch.ones(1, requires_grad=True))",
     RuntimeError, "The differentiated Tensor at index 0 appears to not have been used in the graph."),
    ("torch.tensor([1, 2]).add_(0.5)", RuntimeError, "result type Float can't be cast to the desired output type"),
    ("torch.from_numpy(np.array(['a'], dtype=object))", TypeError, "can't convert np.ndarray of type"),
    ("torch.from_numpy(np.arange(3)[::-1])", ValueError, "At least one stride in the given numpy array is negative"),
    ("F.cross_entropy(torch.zeros(1, 3), torch.tensor([5]))", IndexError, "Target 5 is out of bounds."),
    ("torch.cuda.FloatTensor([1])", TypeError, "type torch.cuda.FloatTensor not available."),
    ("torch.ones(1).cuda()", AssertionError, "Torch not compiled with CUDA enabled"),
    ("torch.ones(1).creator", AttributeError, "'Tensor' object has no attribute 'creator'"),
    ("torch.sume", AttributeError, "module 'torch' has no attribute 'sume' in Twofold; the nearest thing that exists is"),
    ("torch.optim.RMSprop", AttributeError, "module 'torch.optim' has no attribute 'RMSprop' in Twofold"),
    ("torch.nn.Relu", AttributeError, "module 'torch.nn' has no attribute 'Relu' in Twofold; the nearest thing that exists is torch.nn.ReLU"),
    ("torch.utils.data.Dataloader", AttributeError,
     "module 'torch.utils.data' has no attribute 'Dataloader' in Twofold; the nearest thing that exists is torch.utils.data.DataLoader"),
    ("'%s' % torch.ones(2, 3).shape", TypeError, "not all arguments converted during string formatting"),
    ("torch.exp()", TypeError, 'exp() missing 1 required positional arguments: "input"'),
    ("torch.exp(torch.ones(1), bogus=1)", TypeError, "exp() got an unexpected keyword argument 'bogus'"),
    ("torch.exp('x')", TypeError, "exp(): argument 'input' (position 1) must be Tensor, not str"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), ERRORS)
def test_error(code: str, kind: type, text: str) -> None:
    with pytest.raises(kind) as caught:
        eval(code, dict(NAMES))
    assert str(caught.value).startswith(text)


def test_an_engine_error_names_the_users_line() -> None:
    with pytest.raises(RuntimeError, match=r"\(test_torch.py:\d+\)"):
        torch.ones(2, 3) + torch.ones(2, 4)


def test_backward_twice() -> None:
    x = torch.ones(2, requires_grad=True)
    z = (x * x).sum()
    z.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        z.backward()
    again = (x + 1).sum()  # keeps nothing: may be repeated
    again.backward()
    again.backward()


def test_a_saved_value_edited_in_place() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x.exp()
    z = y.exp()
    y.add_(1)
    with pytest.raises(RuntimeError, match="one of the variables needed for gradient computation has been modified"):
        z.sum().backward()


def test_memory_is_shared_both_ways() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    t = torch.from_numpy(array)
    t[0, 0] = 10
    array[1, 2] = 20
    assert array[0, 0] == 10 and t[1, 2].item() == 20
    back = t.numpy()
    back[0, 1] = 30
    assert array[0, 1] == 30
    del array, t
    assert back.sum() == 10 + 30 + 2 + 3 + 4 + 20  # the memory outlives the tensor
    strided = np.arange(6).reshape(2, 3).T
    assert torch.from_numpy(strided).stride() == (1, 3)


def test_a_read_only_array_is_shared_and_stays_as_it_is() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    with pytest.warns(UserWarning, match="The given NumPy array is not writable"):
        t = torch.from_numpy(array)
    with pytest.raises(RuntimeError, match="memory that is read-only"):
        t.add_(1)
    with pytest.raises(RuntimeError, match="memory that is read-only"):
        t[0] = 5
    assert not t.numpy().flags.writeable and array.tolist() == [0, 1, 2] and t.clone().add_(1)[0].item() == 1


ASSIGNMENTS = [
    ("t[1] = 9", [[0, 1, 2], [9, 9, 9]]),
    ("t[:, 1] = torch.tensor([7, 8])", [[0, 7, 2], [3, 8, 5]]),
    ("t[..., -1] = 0", [[0, 1, 0], [3, 4, 0]]),
    ("t[t > 3] = 0", [[0, 1, 2], [3, 0, 0]]),
    ("t[t > 3] = torch.tensor([10, 20])", [[0, 1, 2], [3, 10, 20]]),
    ("t[torch.tensor([True, False])] = 5", [[5, 5, 5], [3, 4, 5]]),
    ("t[[1, 0]] = torch.tensor([[7, 7, 7], [8, 8, 8]])", [[8, 8, 8], [7, 7, 7]]),
    ("t[[0, 0]] = torch.tensor([[1, 1, 1], [2, 2, 2]])", [[2, 2, 2], [3, 4, 5]]),
    ("t[[0, 1], [2, 0]] = -1", [[0, 1, -1], [-1, 4, 5]]),
    ("t[np.array([1])] = np.array([6, 6, 6])", [[0, 1, 2], [6, 6, 6]]),
    ("t[:, [2, 0]] = torch.tensor([[7, 8], [9, 10]])", [[8, 1, 7], [10, 4, 9]]),
    ("t[None, :, [1]] = 5", [[0, 5, 2], [3, 5, 5]]),
    ("t[1, [0, 2]] = torch.tensor([8, 9])", [[0, 1, 2], [8, 4, 9]]),
    ("t[True] = torch.arange(3)", [[0, 1, 2], [0, 1, 2]]),
    ("t[False] = 3", [[0, 1, 2], [3, 4, 5]]),
    ("t[0][torch.tensor([0, 0])] = torch.tensor([5, 6])", [[6, 1, 2], [3, 4, 5]]),
    ("t[[0]] = torch.ones(1, 1, 3).long() * 4", [[4, 4, 4], [3, 4, 5]]),
]


@pytest.mark.parametrize(("code", "expected"), ASSIGNMENTS)
def test_assignment(code: str, expected: list) -> None:
    t = torch.arange(6).view(2, 3)
    exec(code, dict(NAMES, t=t))
    assert t.tolist() == expected


@pytest.mark.parametrize(("code", "kind"), [
    ("t[[0, 1]] = torch.ones(3, 3).long()", RuntimeError), ("t[[5]] = 1", IndexError), ("t[[0], [0], [0]] = 1", IndexError),
    ("t[[0], [5]] = 1", IndexError), ("t[::-1] = 1", ValueError), ("t[['a']] = 1", TypeError), ("del t[0]", TypeError),
])  # fmt: skip
def test_refused_assignment(code: str, kind: type) -> None:
    with pytest.raises(kind):
        exec(code, dict(NAMES, t=torch.arange(6).view(2, 3)))


# Where PyTorch's rules of indexing are NumPy's. One list that stands for several items is written as a tuple for NumPy.
INDEXED = [
    "t[[0, 1], :, [0, 1]]", "t[:, [0, 2], [1, 3]]", "t[:, [-1]]", "t[[[0], [1]], [0, 2]]", "t[..., [0, 1]]", "t[t > 20]",
    "t[:, t[0] > 5]", "t[t[:, 0, 0] > 5, :, [1]]", "t[None, [0]]", "t[:, None, [0]]", "t[[0, 1], None, [0, 1]]", "t[True]",
    "t[False]", "t[True, [0]]", "t[[], []]", "t[[0, 1], ..., [0, 1]]", "t[[True, False], [0, 1]]", "t[[[0, 1], [1, 0]],]",
    "t[1:, [0]]", "t[5:]", "t[np.int64(1)]", "t[np.array([[0, 1], [1, 0]])]",
]  # fmt: skip


@pytest.mark.parametrize("code", INDEXED)
def test_indexing(code: str) -> None:
    ours, theirs = (eval(code, dict(NAMES, t=t)) for t in (torch.arange(24).view(2, 3, 4), np.arange(24).reshape(2, 3, 4)))
    assert ours.tolist() == theirs.tolist() and tuple(ours.shape) == theirs.shape


@pytest.mark.parametrize(("code", "expected"), [
    ("t[[(0, 1)]]", [[0, 1, 2], [3, 4, 5]]), ("t[[[0, 1], [2, 0]]]", [2, 3]), ("t[range(1)]", [[0, 1, 2]]), ("t[[0, 1], 1]", [1, 4]),
    ("t[torch.tensor([0, 1], dtype=torch.uint8)]", [[3, 4, 5]]), ("t[torch.tensor(1)]", [3, 4, 5]),
])  # fmt: skip
def test_indexing_as_pytorch_alone_does(code: str, expected: list) -> None:
    assert eval(code, dict(NAMES, t=torch.arange(6).view(2, 3))).tolist() == expected


def test_gradient_of_indexing() -> None:
    t = torch.arange(6.0).view(2, 3).requires_grad_()
    (t[[0, 0, 1], [1, 1, 2]] * torch.tensor([1.0, 10, 100])).sum().backward()
    assert t.grad.tolist() == [[0, 11, 0], [0, 0, 100]]


@pytest.mark.parametrize(("code", "kind", "text"), [
    ("t[[0], [5]]", IndexError, "index 5 is out of bounds for dimension 1 with size 3"),
    ("t[[0], [0], [0]]", IndexError, "too many indices for tensor of dimension 2"),
    ("t[0, 0, 0]", IndexError, "too many indices for tensor of dimension 2"),
    ("t[[0, 1], [0, 1, 2]]", IndexError, "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]"),
    ("t[[True, False, True]]", IndexError, "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3] at index 0"),
    ("t[::-1]", ValueError, "step must be greater than zero"),
])  # fmt: skip
def test_refused_indexing(code: str, kind: type, text: str) -> None:
    with pytest.raises(kind) as error:
        eval(code, dict(NAMES, t=torch.arange(6).view(2, 3)))
    assert str(error.value).startswith(text)


def test_gradients_of_gradients() -> None:
    x = torch.tensor([2.0], requires_grad=True)
    (first,) = torch.autograd.grad((x**3.0).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert first.item() == pytest.approx(12) and second.item() == pytest.approx(12)


def test_grad_modes() -> None:
    x = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()

    @torch.no_grad()
    def f() -> bool:
        return (x * 2).requires_grad

    assert not f() and (x * 2).requires_grad


def test_hooks() -> None:
    x = torch.ones(2, requires_grad=True)
    seen = []
    handle = x.register_hook(lambda g: seen.append(g.tolist()))
    y = x * 3
    y.register_hook(lambda g: g * 2)
    y.retain_grad()
    y.sum().backward()
    assert seen == [[6, 6]] and x.grad.tolist() == [6, 6] and y.grad.tolist() == [2, 2]
    handle.remove()
    (x * 1).sum().backward()
    assert len(seen) == 1


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):  # noqa: ANN001, ANN205
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, gradient):  # noqa: ANN001, ANN205
        (x,) = ctx.saved_tensors
        return gradient * 3 * x * x


def test_a_function_of_the_users_own() -> None:
    x = torch.tensor([2.0], requires_grad=True)
    (first,) = torch.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    assert first.item() == 12
    first.sum().backward()
    assert x.grad.item() == 12


def test_an_error_in_backward_is_the_users() -> None:
    class Bad(Cube):
        @staticmethod
        def backward(ctx, gradient):  # noqa: ANN001, ANN205
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Bad.apply(torch.ones(1, requires_grad=True)).sum().backward()


def test_copies_and_pickles() -> None:
    p = nn.Parameter(torch.tensor([1.0, 2.0]))
    for made in (copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert isinstance(made, nn.Parameter) and made.requires_grad and made.tolist() == [1, 2]
        assert not made._shares_storage(p)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(4, 16), nn.Linear(16, 3)
        self.register_buffer("steps", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(torch.relu(self.fc1(x)))


def test_modules() -> None:
    net = Net()
    assert [n for n, _ in net.named_parameters()] == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
    assert list(net.state_dict()) == ["steps", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
    other = Net()
    other.load_state_dict(net.state_dict())
    assert torch.equal(other.fc1.weight, net.fc1.weight)
    with pytest.raises(RuntimeError, match="Missing key"):
        other.load_state_dict({})
    net.eval()
    assert not net.fc1.training
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'fc3'"):
        _ = net.fc3


@pytest.mark.parametrize("optimizer", [
    lambda p: torch.optim.SGD(p, lr=0.5),
    lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4),
    lambda p: torch.optim.Adam(p, lr=0.05),
])  # fmt: skip
def test_training(optimizer) -> None:  # noqa: ANN001
    torch.manual_seed(1)
    net = Net()
    opt = optimizer(net.parameters())
    x = torch.randn(64, 4)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    losses = []
    for _ in range(60):
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_manual_seed_gives_pytorchs_numbers() -> None:
    torch.manual_seed(42)
    assert torch.rand(2).tolist() == [0.8822692632675171, 0.9150039553642273]
    assert torch.randint(0, 10, (3,)).tolist() == [6, 4, 6]
    torch.manual_seed(0)
    assert torch.randperm(7).tolist() == [4, 0, 5, 3, 2, 6, 1]


def test_an_edit_in_place_is_named_with_both_lines() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation") as e:
        y.sum().backward()
    lines = [int(n) for n in re.findall(r"test_torch\.py:(\d+)", str(e.value).partition("[twofold]")[2])]
    assert len(lines) == 2 and lines[1] - lines[0] == 2
