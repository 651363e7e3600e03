"""Elementwise functions of the torch face where it does more than a row. Each row is code and what PyTorch prints."""

from __future__ import annotations

import pytest

import twofold.torch as torch

NAMES = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "nan": float("nan"), "inf": float("inf")}

VALUES = [
    # operators
    ("torch.tensor([7, -7, 7, -7]) // torch.tensor([2, 2, -2, -2])", "tensor([ 3, -4, -4,  3])"),
    ("torch.tensor([7, -7, 7, -7]) % torch.tensor([2, 2, -2, -2])", "tensor([ 1,  1, -1, -1])"),
    ("torch.tensor([1., -1., 5.5]) // 0.1", "tensor([  9., -10.,  54.])"),
    ("torch.tensor([5.5, -5.5]) % 2", "tensor([1.5000, 0.5000])"),
    ("torch.tensor([7, -7]) // 2.5", "tensor([ 2., -3.])"),
    ("9 // torch.tensor([2, -2])", "tensor([ 4, -5])"),
    ("9 % torch.tensor([2., -2.])", "tensor([ 1., -1.])"),
    ("torch.tensor([-128], dtype=torch.int8) // -1", "tensor([-128], dtype=torch.int8)"),
    ("torch.tensor([-2**63]) % -1", "tensor([0])"),
    ("torch.tensor([1., -1., 0.]) // 0", "tensor([inf, -inf, nan])"),
    ("torch.zeros(0, dtype=torch.int32) // torch.zeros(1, dtype=torch.int32)", "tensor([], dtype=torch.int32)"),
    ("torch.tensor([6, 5]) & 3", "tensor([2, 1])"),
    ("3 | torch.tensor([4, 5])", "tensor([7, 7])"),
    ("torch.tensor([True, False]) ^ torch.tensor([True, True])", "tensor([False,  True])"),
    ("torch.tensor([True, False]) & 1", "tensor([1, 0])"),
    ("~torch.tensor([0, -1])", "tensor([-1,  0])"),
    ("~torch.tensor([1], dtype=torch.uint8)", "tensor([254], dtype=torch.uint8)"),
    # bounds
    ("torch.clamp(torch.tensor([1, 5]), max=3)", "tensor([1, 3])"),
    ("torch.tensor([1., nan]).clamp(min=2)", "tensor([2., nan])"),
    ("torch.tensor([1, 5]).clamp(1.5, 3)", "tensor([1.5000, 3.0000])"),
    ("torch.clamp(torch.tensor([0., 9.]), torch.tensor([3., 3.]), torch.tensor(1.))", "tensor([1., 1.])"),
    ("torch.clamp(torch.tensor([0., 9.]), nan, 1)", "tensor([nan, nan])"),
    # rounding
    ("torch.round(torch.tensor([0.5, 1.5, 2.5, -0.5]))", "tensor([0., 2., 2., -0.])"),
    ("torch.round(torch.tensor([1.2345, -1.235]), decimals=2)", "tensor([ 1.2300, -1.2400])"),
    ("torch.round(torch.tensor([1250., 1349.]), decimals=-2)", "tensor([1200., 1300.])"),
    ("torch.floor(torch.tensor([1, -2]))", "tensor([ 1, -2])"),
    ("torch.div(torch.tensor([7, -7]), 2, rounding_mode='trunc')", "tensor([ 3, -3])"),
    ("torch.div(torch.tensor([7, -7]), 2, rounding_mode='floor')", "tensor([ 3, -4])"),
    ("torch.tensor([7., -7.]).div(2, rounding_mode='trunc')", "tensor([ 3., -3.])"),
    # the truth of any dtype
    ("torch.logical_and(torch.tensor([1, 0, 2]), torch.tensor([0.5, 1., nan]))", "tensor([ True, False,  True])"),
    ("torch.logical_xor(torch.tensor([1., 0.]), torch.tensor([True, True]))", "tensor([False,  True])"),
    ("torch.tensor([0, 3]).logical_not()", "tensor([ True, False])"),
    # numbers in place of others
    ("torch.nan_to_num(torch.tensor([nan, inf, -inf]))", "tensor([ 0.0000e+00,  3.4028e+38, -3.4028e+38])"),
    ("torch.nan_to_num(torch.tensor([nan, inf]).half(), posinf=1.)", "tensor([0., 1.], dtype=torch.float16)"),
    ("torch.tensor([inf]).bfloat16().nan_to_num()", "tensor([3.3895e+38], dtype=torch.bfloat16)"),
    ("torch.nan_to_num(torch.tensor([1, 2]))", "tensor([1, 2])"),
    # activations
    ("F.gelu(torch.tensor([1., -1.]), approximate='tanh')", "tensor([ 0.8412, -0.1588])"),
    ("F.hardtanh(torch.tensor([5, -5]))", "tensor([ 1, -1])"),
    ("F.softplus(torch.tensor([-1., 30.]), 2, 10)", "tensor([ 0.0635, 30.0000])"),
    ("F.leaky_relu(torch.tensor([-1., 2.]), 0.5)", "tensor([-0.5000,  2.0000])"),
    # modules
    ("nn.Sequential(nn.ReLU6(), nn.ELU(2, True), nn.SELU())",
     "Sequential(\n  (0): ReLU6()\n  (1): ELU(alpha=2, inplace=True)\n  (2): SELU()\n)"),
    ("nn.Hardtanh(-2, 3)", "Hardtanh(min_val=-2, max_val=3)"),
    ("nn.Softplus(), nn.LogSigmoid()", "(Softplus(beta=1.0, threshold=20.0), LogSigmoid())"),
    ("nn.ReLU6()(torch.tensor([-1., 3., 9.]))", "tensor([0., 3., 6.])"),
    ("nn.LogSigmoid()(nn.Softsign()(torch.tensor([1.])))", "tensor([-0.4741])"),
    ("(lambda x: (nn.ReLU(True)(x) is x, x))(torch.tensor([-1., 2.]))", "(True, tensor([0., 2.]))"),
    # in place: the tensor itself, in its own dtype
    ("torch.tensor([1, 5]).clamp_(2, 4)", "tensor([2, 4])"),
    ("torch.tensor([1.5, 0.]).logical_not_()", "tensor([0., 1.])"),
    ("torch.tensor([7, 8]).floor_divide_(2)", "tensor([3, 4])"),
    ("(lambda x: (x.__ifloordiv__(2) is x, x.__imod__(2) is x, x))(torch.tensor([9.]))[2]", "tensor([0.])"),
    ("(lambda x: (x.__iand__(6), x.__ior__(1), x.__ixor__(2), x))(torch.tensor([5]))[3]", "tensor([7])"),
    ("(lambda x: (x.__ipow__(3.), x))(torch.tensor([2.]))[1]", "tensor([8.])"),
    ("(lambda x: (F.elu(x, 1., True) is x, x))(torch.tensor([-1., 2.]))", "(True, tensor([-0.6321,  2.0000]))"),
]

# The gradient of sum(code * weights), with weights 1, 2, 3, by x = [-1, 0.5, 2].
GRADIENTS = [
    ("x.floor()", [0, 0, 0]),
    ("x.sign()", [0, 0, 0]),
    ("torch.round(x, decimals=1)", [0, 0, 0]),
    ("x // 0.5", [0, 0, 0]),  # PyTorch has no derivative here
    ("x % torch.tensor([2., 2., 1.5])", [1, 2, 3]),
    ("torch.tensor([5., 5., 5.]) % x", [5, -20, -6]),
    ("x.clamp(-1, 1)", [1, 2, 0]),
    ("torch.clamp(torch.zeros(3), min=x)", [0, 2, 3]),
    ("F.hardtanh(x, -1, 3)", [0, 2, 3]),
    ("F.leaky_relu(x - 0.5, 0.25)", [0.25, 0.5, 3]),
    ("x.nan_to_num()", [1, 2, 3]),
    ("(x * 1).square_()", [-2, 2, 12]),
    ("(x * 1).reciprocal_()", [-1, -8, -0.75]),
    ("F.relu6(x * 3, True)", [0, 6, 0]),
    ("x.abs()", [-1, 2, 3]),
]

ERRORS = [
    ("torch.tensor([1, 2]) // 0", RuntimeError, "ZeroDivisionError"),
    ("torch.tensor([1, 2]) % torch.tensor([0, 1])", RuntimeError, "ZeroDivisionError"),
    ("torch.fmod(torch.tensor([1]), 0)", RuntimeError, "ZeroDivisionError"),
    ("torch.tensor([1, 2]).floor_divide_(2.5)", RuntimeError, "result type Float can't be cast to the desired output type Long"),
    ("torch.ones(1).clamp_(torch.ones(3))", RuntimeError, "output with shape [1] doesn't match the broadcast shape [3]"),
    ("torch.ones(2, requires_grad=True).exp_()", RuntimeError, "a leaf Variable that requires grad is being used in an in-place operation."),
    ("torch.ones(2) & torch.ones(2)", NotImplementedError, "\"bitwise_and_cpu\" not implemented for 'Float'"),
    ("1 ^ torch.ones(2)", NotImplementedError, "\"bitwise_xor_cpu\" not implemented for 'Float'"),
    ("~torch.ones(2)", TypeError, "~ (operator.invert) is only implemented on integer and Boolean-type tensors"),
    ("torch.floor(torch.tensor([True]))", NotImplementedError, "\"floor_vml_cpu\" not implemented for 'Bool'"),
    ("F.elu(torch.tensor([1]))", NotImplementedError, "\"elu_cpu\" not implemented for 'Long'"),
    ("torch.clamp(torch.ones(2))", RuntimeError, "torch.clamp: At least one of 'min' or 'max' must not be None"),
    ("torch.logical_and(torch.ones(2), 1)", TypeError, "logical_and(): argument 'other' (position 2) must be Tensor, not int"),
    ("torch.div(torch.ones(1), 2, rounding_mode='x')", RuntimeError,
     "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found 'x'"),
    ("torch.addcdiv(torch.tensor([1]), torch.tensor([2]), torch.tensor([2]))", RuntimeError, "Integer division with addcdiv"),
    ("nn.Hardtanh(3, 1)", AssertionError, "max_val (1) must be greater than min_val (3)"),
    ("torch.tensor([1]) // 'a'", TypeError, "unsupported operand type(s) for //: 'Tensor' and 'str'"),
    ("F.hardtanh(torch.tensor([1], dtype=torch.uint8))", RuntimeError, "cannot do hardtanh on an unsigned type with negative limits"),
]  # fmt: skip


@pytest.mark.parametrize("code, printed", VALUES, ids=[v[0] for v in VALUES])
def test_values(code: str, printed: str) -> None:
    assert repr(eval(code, dict(NAMES))) == printed


@pytest.mark.parametrize("code, gradient", GRADIENTS, ids=[g[0] for g in GRADIENTS])
def test_gradients(code: str, gradient: list[float]) -> None:
    x = torch.tensor([-1.0, 0.5, 2.0], requires_grad=True)
    (eval(code, {**NAMES, "x": x}) * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == gradient


@pytest.mark.parametrize("code, kind, words", ERRORS, ids=[e[0] for e in ERRORS])
def test_errors(code: str, kind: type, words: str) -> None:
    with pytest.raises(kind) as e:
        eval(code, dict(NAMES))
    assert type(e.value) is kind and str(e.value).startswith(words)
