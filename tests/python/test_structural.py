"""Shapes, scans, sorting and counting in the torch face, against NumPy; what it refuses; gradients where they are delicate."""

from __future__ import annotations

import numpy as np
import pytest

import twofold.torch as torch

F = torch.nn.functional
X = np.random.RandomState(5).randint(-3, 4, (2, 3, 4)).astype(np.float32)
M, V = X[0], np.array([3, 1, 2, 1, 3, 0], np.int64)
NAN = np.array([1, np.nan, -np.inf, np.inf, 2, np.nan], np.float32)
NUMPY = {"np": np, "X": X, "M": M, "V": V, "NAN": NAN}
OURS = {"torch": torch, "F": F, **{k: torch.tensor(v) for k, v in NUMPY.items() if k != "np"}}

# our code, NumPy's
VALUES = [
    ("X.prod(1)", "X.prod(1)"),
    ("V.prod()", "V.prod()"),
    ("X.cumsum(-1)", "X.cumsum(-1)"),
    ("V.int().cumsum(0)", "V.cumsum()"),
    ("(V > 1).cumsum(0)", "(V > 1).cumsum()"),
    ("X.cumprod(1)", "X.cumprod(1)"),
    ("X.argmin(2)", "X.argmin(2)"),
    ("X.argmin()", "X.argmin()"),
    ("NAN.argmin()", "np.int64(1)"),
    ("X.argmax(1, keepdim=True)", "X.argmax(1)[:, None]"),
    ("V.min(0).indices", "V.argmin()"),
    ("(V > 1).max()", "np.True_"),
    ("torch.tensor([-128, 3], dtype=torch.int8).min(0).values", "np.int8(-128)"),
    ("F.pad(M, (1, 2, 0, 3), value=7.)", "np.pad(M, ((0, 3), (1, 2)), constant_values=7)"),
    ("F.pad(M, (-1, 1))", "np.pad(M[:, 1:], ((0, 0), (0, 1)))"),
    ("F.pad(M, (3, 2), mode='reflect')", "np.pad(M, ((0, 0), (3, 2)), mode='reflect')"),
    ("F.pad(M, (5, 2), mode='replicate')", "np.pad(M, ((0, 0), (5, 2)), mode='edge')"),
    ("F.pad(M, (3, 4), mode='circular')", "np.pad(M, ((0, 0), (3, 4)), mode='wrap')"),
    ("X.flip(0, 2)", "np.flip(X, (0, 2))"),
    ("M.fliplr()", "np.fliplr(M)"),
    ("X.roll((1, -2), (0, 2))", "np.roll(X, (1, -2), (0, 2))"),
    ("X.roll(5)", "np.roll(X, 5)"),
    ("M.repeat(2, 1, 3)", "np.tile(M, (2, 1, 3))"),
    ("M.tile(2)", "np.tile(M, 2)"),
    ("M.repeat_interleave(2, 1)", "np.repeat(M, 2, 1)"),
    ("M.repeat_interleave(torch.tensor([2, 0, 1]), 0)", "np.repeat(M, [2, 0, 1], 0)"),
    ("M.repeat_interleave(3)", "np.repeat(M, 3)"),
    ("X.triu(1)", "np.triu(X, 1)"),
    ("X.tril(-1)", "np.tril(X, -1)"),
    ("V.diag(1)", "np.diag(V, 1)"),
    ("M.diag(-1)", "np.diag(M, -1)"),
    ("X.diagonal(1, 1, 2)", "np.diagonal(X, 1, 1, 2)"),
    ("M.trace()", "np.trace(M)"),
    ("torch.tril_indices(3, 4, 1)", "np.stack(np.tril_indices(3, 1, 4))"),
    ("torch.eye(2, 3)", "np.eye(2, 3, dtype=np.float32)"),
    ("torch.linspace(-1, 2, 7)", "np.linspace(-1, 2, 7).astype(np.float32)"),
    ("X.sort(1).values", "np.sort(X, 1)"),
    ("X.sort(1).indices", "np.argsort(X, 1, kind='stable')"),
    ("NAN.sort().values", "np.sort(NAN)"),
    ("NAN.argsort(descending=True)", "np.array([1, 5, 3, 4, 0, 2])"),
    ("V.topk(3).values", "np.array([3, 3, 2])"),
    ("V.topk(3).indices", "np.array([0, 4, 2])"),
    ("NAN.topk(3, largest=False).values", "np.float32([-np.inf, 1, 2])"),
    ("X.kthvalue(2, 1).values", "np.sort(X, 1)[:, 1]"),
    ("V.median()", "np.int64(1)"),
    ("X.median(2).values", "np.sort(X, 2)[:, :, 1]"),
    ("NAN.median()", "np.float32(np.nan)"),
    ("V.unique()", "np.unique(V)"),
    ("M.unique(return_inverse=True)[1]", "np.unique(M, return_inverse=True)[1].reshape(M.shape)"),
    ("V.unique(return_counts=True)[1]", "np.unique(V, return_counts=True)[1]"),
    ("NAN.unique().numel()", "6"),
    ("X.unique(dim=0)", "np.unique(X, axis=0)"),
    ("V.unique_consecutive()", "V"),
    ("torch.searchsorted(V.unique(), V)", "np.searchsorted(np.unique(V), V)"),
    ("torch.searchsorted(V.unique(), V, right=True)", "np.searchsorted(np.unique(V), V, 'right')"),
    ("torch.bincount(V, minlength=6)", "np.bincount(V, minlength=6)"),
    ("torch.bincount(V, V.double())", "np.bincount(V, V.astype(np.float64))"),
    ("F.one_hot(V)", "np.eye(4, dtype=np.int64)[V]"),
    ("M.masked_select(M > 0)", "M[M > 0]"),
    ("M.masked_select(torch.tensor([True, False, False, True]))", "M[:, [0, 3]].ravel()"),
    ("X.movedim((0, 1), (2, 0))", "np.moveaxis(X, (0, 1), (2, 0))"),
    ("X.flatten(1)", "X.reshape(2, 12)"),
    ("X[None].squeeze((0, 1)).shape", "(2, 3, 4)"),
    ("X.logsumexp((0, 2))", "np.log(np.exp(X).sum((0, 2)))"),
    ("X.std((0, 2))", "X.std((0, 2), ddof=1)"),
    ("X.norm(3)", "(np.abs(X) ** 3).sum() ** np.float32(1 / 3)"),
    ("X.norm(float('inf'), 1)", "np.abs(X).max(1)"),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "numpy"), VALUES, ids=[r[0] for r in VALUES])
def test_value(ours: str, numpy: str) -> None:
    got, wanted = eval(ours, dict(OURS)), eval(numpy, dict(NUMPY))
    if not isinstance(got, torch.Tensor):
        assert got == wanted
        return
    assert got.numpy().dtype == np.asarray(wanted).dtype
    np.testing.assert_allclose(got.numpy(), wanted, rtol=2e-6)


ERRORS = [
    ("V.topk(7)", RuntimeError, "selected index k out of range"),
    ("V.kthvalue(0)", RuntimeError, "kthvalue(): selected number k out of range for dimension 0"),
    ("X.flip(0, 0)", RuntimeError, "dim 0 appears multiple times in the list of dims"),
    ("X.sort(3)", IndexError, "Dimension out of range (expected to be in range of [-3, 2], but got 3)"),
    ("torch.zeros(0, 2).argmin(0)", IndexError, "argmin(): Expected reduction dim 0 to have non-zero size."),
    ("torch.zeros(0, 2).max(0)", IndexError, "max(): Expected reduction dim 0 to have non-zero size."),
    ("torch.zeros(0).min()", RuntimeError, "min(): Expected reduction dim to be specified for input.numel() == 0."),
    ("M.repeat(2)", RuntimeError, "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"),
    ("F.pad(M, (1,))", RuntimeError, "Padding length must be divisible by 2"),
    ("F.pad(M, (4, 0), mode='reflect')", RuntimeError, "pad: argument 'low': got 4 for a dimension of size 4, expected at most 3"),
    ("X.movedim(0, (0, 1))", RuntimeError, "movedim: Invalid source or destination dims"),
    ("X.flatten(1, 0)", RuntimeError, "flatten() has invalid args: start_dim cannot come after end_dim"),
    ("X[None].squeeze((0, 0))", RuntimeError, "dim 0 appears multiple times in the list of dims"),
    ("M.repeat_interleave(torch.tensor([1, 2]), 0)", RuntimeError, "repeats must have the same size as input along dim"),
    ("M.masked_select(M)", RuntimeError, "masked_select: expected BoolTensor for mask"),
    ("torch.bincount(-V)", RuntimeError, "bincount only supports 1-d non-negative integral inputs."),
    ("F.one_hot(V, 2)", RuntimeError, "Class values must be smaller than num_classes."),
    ("F.one_hot(-V, 4)", RuntimeError, "Class values must be non-negative."),
    ("X.trace()", RuntimeError, "trace: expected a matrix, but got tensor with dim 3"),
    ("V.triu()", RuntimeError, "triu: input tensor must have at least 2 dimensions"),
    ("V.std()", RuntimeError, "std and var only support floating point and complex dtypes"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "error", "text"), ERRORS, ids=[r[0] for r in ERRORS])
def test_refusal(code: str, error: type, text: str) -> None:
    with pytest.raises(error) as raised:
        eval(code, dict(OURS))
    assert str(raised.value).startswith(text)


# a function of x, x, d(sum of the function)/dx by hand: where a quotient or a root would give NaN
GRADIENTS: list[tuple[str, list, list]] = [
    ("x.prod()", [2, 0, 3], [0, 6, 0]),
    ("x.prod()", [0, 0, 3], [0, 0, 0]),
    ("x.cumprod(0)", [2, 0, 3], [1, 8, 0]),
    ("x.std()", [2, 2, 2], [0, 0, 0]),
    ("x.norm()", [0, 0], [0, 0]),
    ("x.norm(3)", [0, 0], [0, 0]),
    ("x.logsumexp(0)", [1000, 0], [1, 0]),
    ("x.sort().values * torch.tensor([1., 10, 100])", [3, 1, 2], [100, 1, 10]),
    ("x.topk(2).values", [1, 3, 3], [0, 1, 1]),
    ("x.max(0).values", [3, 3, 1], [1, 0, 0]),
    ("x.amax(0)", [3, 3, 1], [0.5, 0.5, 0]),
    ("x.repeat(3)", [1, 2], [3, 3]),
    ("F.pad(x[None], (2, 1), mode='reflect')", [1, 2, 3], [1, 3, 2]),  # 3 2 1 2 3 2
    ("x.masked_select(x > 1)", [1, 2, 3], [0, 1, 1]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "x", "gradient"), GRADIENTS, ids=[f"{r[0]} at {r[1]}" for r in GRADIENTS])
def test_gradient(code: str, x: list[float], gradient: list[float]) -> None:
    leaf = torch.tensor(x, dtype=torch.float32, requires_grad=True)
    eval(code, {**OURS, "x": leaf}).sum().backward()
    assert leaf.grad.tolist() == gradient


def test_results_are_named_and_positions_have_no_history() -> None:
    x = torch.tensor([2.0, 1.0], requires_grad=True)
    found = x.sort()
    assert repr(found) == ("torch.return_types.sort(\nvalues=tensor([1., 2.], grad_fn=<SortBackward0>),\n"
                           "indices=tensor([1, 0]))")  # fmt: skip
    assert isinstance(found, torch.return_types.sort)
    assert found.indices.numpy().tolist() == [1, 0]
    assert not x.long().requires_grad


def test_flatten_is_a_view_where_it_can_be() -> None:
    packed, turned = torch.zeros(2, 3).half(), torch.tensor(X).permute(1, 2, 0)
    packed.flatten().fill_(1)
    assert packed.sum().item() == 6
    assert turned.flatten().tolist() == X.transpose(1, 2, 0).ravel().tolist()
