"""Where the two contracts differ: one kernel, both faces, a row for each difference whose operation exists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf
import twofold.torch as torch

X = np.array([[3, 1], [2, 2]], np.float32)


def plain(value: Any) -> Any:
    """A result as Python values, with its dtype where it is an array."""
    if isinstance(value, tf.Tensor):
        with tf.Session() as sess:
            value = sess.run(value)
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    if hasattr(value, "dtype"):
        name = str(value.dtype).removeprefix("torch.")
        return name, (value.tolist() if not isinstance(value, torch.Size) else list(value))
    return list(value) if isinstance(value, torch.Size) else value


def ran(code: str) -> Any:
    names = {"tf": tf, "torch": torch, "np": np, "X": X, "T": torch.tensor(X)}
    return plain(eval(code, names))


# topic, TensorFlow's code and result, PyTorch's code and result; a string "Class: text" is an error
ROWS: list[tuple[str, str, Any, str, Any]] = [
    ("naming", "tf.reduce_sum(X, reduction_indices=[1], keep_dims=True)", ("float32", [[4], [4]]),
     "torch.sum(T, dim=1, keepdim=True)", ("float32", [[4], [4]])),
    ("default axis of a reduction", "tf.reduce_max(X)", ("float32", 3), "torch.amax(T)", ("float32", 3)),
    ("default axis of argmax", "tf.argmax(X)", ("int64", [0, 1]), "torch.argmax(T)", ("int64", 0)),
    ("default axis of softmax", "tf.nn.softmax([[0., 0.]])", ("float32", [[0.5, 0.5]]),
     "torch.softmax(torch.zeros(1, 2), dim=-1)", ("float32", [[0.5, 0.5]])),
    ("a float literal", "tf.constant(1.5)", ("float32", 1.5), "torch.tensor(1.5)", ("float32", 1.5)),
    ("an int literal", "tf.constant(1)", ("int32", 1), "torch.tensor(1)", ("int64", 1)),
    ("an int literal that overflows", "tf.constant(2**40)", ("int64", 2**40), "torch.tensor(2**40)", ("int64", 2**40)),
    ("shape", "tf.shape(X)", ("int32", [2, 2]), "T.shape", [2, 2]),
    ("rank", "tf.rank(X)", ("int32", 2), "T.dim()", 2),
    ("size", "tf.size(X)", ("int32", 4), "T.numel()", 4),
    ("range", "tf.range(3)", ("int32", [0, 1, 2]), "torch.arange(3)", ("int64", [0, 1, 2])),
    ("range of a float", "tf.range(3.)", ("float32", [0, 1, 2]), "torch.arange(3.)", ("float32", [0, 1, 2])),
    ("where is i64", "tf.where([False, True])", ("int64", [[1]]), "torch.nonzero(torch.tensor([False, True]))", ("int64", [[1]])),
    ("numpy keeps its dtype", "tf.constant(np.float64([1]))", ("float64", [1]), "torch.from_numpy(np.float64([1]))", ("float64", [1])),
    ("mixed dtypes", "tf.add(tf.constant(1), tf.constant(1.))", "TypeError: Input 'y' of 'Add' Op has type float32",
     "torch.tensor([1], dtype=torch.int32) + 1.5", ("float32", [2.5])),
    ("an int tensor and a float", "tf.constant([1]) + 1.5", "TypeError: ", "torch.tensor([1]) + 1.5", ("float32", [2.5])),
    ("a number adopts the dtype", "tf.constant([1], tf.int16) + 1", ("int16", [2]),
     "torch.tensor([1], dtype=torch.int16) + 1", ("int16", [2])),
    ("uint8 and int8", "tf.constant([1], tf.uint8) + tf.constant([1], tf.int8)", "TypeError: ",
     "torch.tensor([1], dtype=torch.uint8) + torch.tensor([1], dtype=torch.int8)", ("int16", [2])),
    ("a scalar tensor yields", "tf.constant([1.], tf.float16) + tf.constant(1.)", "TypeError: ",
     "torch.ones(1).half() + torch.tensor(1., dtype=torch.float64)", ("float16", [2])),
    ("/ on int32", "tf.constant([3]) / 2", ("float64", [1.5]), "torch.tensor([3], dtype=torch.int32) / 2", ("float32", [1.5])),
    ("/ on int16", "tf.constant([3], tf.int16) / tf.constant([2], tf.int16)", ("float32", [1.5]),
     "torch.tensor([3], dtype=torch.int16) / 2", ("float32", [1.5])),
    ("an integer sum", "tf.reduce_sum(tf.constant([2**31 - 1, 1]))", ("int32", -(2**31)),
     "torch.sum(torch.tensor([2**31 - 1, 1], dtype=torch.int32))", ("int64", 2**31)),
    ("an integer mean", "tf.reduce_mean(tf.constant([1, 2]))", ("int32", 1),
     "torch.mean(torch.tensor([1, 2]))", "RuntimeError: mean(): could not infer output dtype"),
    ("variance", "tf.nn.moments(tf.constant([1., 3.]), [0])[1]", ("float32", 1), "torch.var(torch.tensor([1., 3.]))", ("float32", 2)),
    ("variance, biased", "tf.nn.moments(tf.constant([1., 3.]), [0])", [("float32", 2), ("float32", 1)],
     "torch.var(torch.tensor([1., 3.]), unbiased=False)", ("float32", 1)),
    ("== ", "(lambda a: [a == a, a == tf.constant(1)])(tf.constant(1))", [True, False],
     "torch.tensor([1, 2]) == torch.tensor([1, 3])", ("bool", [True, False])),
    ("hash by id", "(lambda a: len({a, a, tf.constant(1)}))(tf.constant(1))", 2,
     "(lambda a: len({a, a, torch.tensor(1)}))(torch.tensor(1))", 2),
    ("truth value", "bool(tf.constant(True))", "TypeError: Using a `tf.Tensor` as a Python `bool` is not allowed",
     "bool(torch.tensor([1, 2]))", "RuntimeError: Boolean value of Tensor with more than one value is ambiguous"),
    ("transpose", "tf.shape(tf.transpose(tf.zeros([2, 3, 4])))", ("int32", [4, 3, 2]),
     "torch.zeros(2, 3, 4).transpose(0, 1).shape", [3, 2, 4]),
    ("transpose by a list", "tf.shape(tf.transpose(tf.zeros([2, 3, 4]), [1, 0, 2]))", ("int32", [3, 2, 4]),
     "torch.zeros(2, 3, 4).permute(2, 0, 1).shape", [4, 2, 3]),
    ("t()", "tf.shape(tf.transpose(tf.zeros([2, 3])))", ("int32", [3, 2]), "torch.zeros(2, 3, 4).t()",
     "RuntimeError: t() expects a tensor with <= 2 dimensions, but self is 3D"),
    ("squeeze a non-1 axis", "tf.squeeze(tf.zeros([2, 1]), [0])", "ValueError: Can not squeeze dim[0], expected a dimension of 1, got 2",
     "torch.zeros(2, 1).squeeze(0).shape", [2, 1]),
    ("split", "tf.split(tf.range(6), 3)", [("int32", [0, 1]), ("int32", [2, 3]), ("int32", [4, 5])],
     "torch.split(torch.arange(6), 3)", [("int64", [0, 1, 2]), ("int64", [3, 4, 5])]),
    ("split by sizes, chunk", "tf.split(tf.range(3), [1, 2])", [("int32", [0]), ("int32", [1, 2])],
     "torch.chunk(torch.arange(4), 2)", [("int64", [0, 1]), ("int64", [2, 3])]),
    ("gather", "tf.gather(X, [1, 1])", ("float32", [[2, 2], [2, 2]]),
     "torch.gather(T, 1, torch.tensor([[1], [0]]))", ("float32", [[1], [2]])),
    ("where, three arguments", "tf.where([True, False], X, X * 0.)", ("float32", [[3, 1], [0, 0]]),
     "torch.where(torch.tensor([True, False]), T, T * 0.)", ("float32", [[3, 0], [2, 0]])),
    ("scatter duplicates", "tf.scatter_nd([[0], [0]], [1., 2.], [2])", ("float32", [3, 0]),
     "torch.zeros(2).scatter_add(0, torch.tensor([0, 0]), torch.tensor([1., 2.]))", ("float32", [3, 0])),
    ("lists and masks", "tf.range(3)[tf.constant(1)]", ("int32", 1), "torch.arange(3)[[2, 0]]", ("int64", [2, 0])),
    ("matmul of vectors", "tf.matmul(tf.ones([2]), tf.ones([2]))", "ValueError: Shape must be rank 2 but is rank 1 for 'MatMul' (op: 'MatMul')",
     "torch.matmul(torch.ones(2), torch.ones(2))", ("float32", 2)),
    ("constant with a shape", "tf.constant([1, 2], shape=[4])", ("int32", [1, 2, 2, 2]), "torch.tensor([1, 2]).view(4)",
     "RuntimeError: shape '[4]' is invalid for input of size 2"),
    ("dropout's argument", "tf.nn.dropout(tf.ones([4]), keep_prob=1.)", ("float32", [1] * 4),
     "torch.nn.functional.dropout(torch.ones(4), p=0.)", ("float32", [1] * 4)),
    ("softmax cross-entropy", "tf.nn.softmax_cross_entropy_with_logits(labels=[[1., 0.], [0., 1.]], logits=[[0., 0.], [0., 0.]])",
     ("float32", [np.float32(np.log(2)).item()] * 2),
     "torch.nn.functional.cross_entropy(torch.zeros(2, 2), torch.tensor([0, 1]))", ("float32", np.float32(np.log(2)).item())),
    ("named arguments", "tf.nn.softmax_cross_entropy_with_logits([[1., 0.]], [[0., 0.]])",
     "ValueError: Only call `softmax_cross_entropy_with_logits` with named arguments (labels=..., logits=..., ...)",
     "torch.nn.functional.cross_entropy(torch.zeros(1, 2), torch.tensor([0])) > 0", ("bool", True)),
    ("gradients of a list", "tf.gradients([tf.constant(1.) * 2., tf.constant(2.)], [tf.constant(3.)])", [None],
     "torch.autograd.grad(torch.ones(1, requires_grad=True).sum(), [torch.ones(1, requires_grad=True)])",
     "RuntimeError: The differentiated Tensor at index 0 appears to not have been used in the graph"),
    ("a tied max", "(lambda x: tf.gradients(tf.reduce_max(x), x)[0])(tf.constant([2., 2.]))", ("float32", [0.5, 0.5]),
     "(lambda x: (x.amax().backward(), x.grad)[1])(torch.tensor([2., 2.], requires_grad=True))", ("float32", [0.5, 0.5])),
    ("print", "str(tf.constant([1.5]))", 'Tensor("Const:0", shape=(1,), dtype=float32)', "str(torch.tensor([1.5]))", "tensor([1.5000])"),
]  # fmt: skip


def check(code: str, expected: Any) -> None:
    kind, colon, words = expected.partition(": ") if isinstance(expected, str) else ("", "", "")
    if colon and kind.endswith("Error"):
        with pytest.raises(getattr(tf.errors, kind, None) or getattr(__import__("builtins"), kind)) as e:
            ran(code)
        message = getattr(e.value, "message", None) or str(e.value)
        assert message.startswith(words), message
    else:
        assert ran(code) == expected


@pytest.mark.parametrize("topic, code, expected", [(r[0], r[1], r[2]) for r in ROWS], ids=[r[0] for r in ROWS])
def test_tensorflow(topic: str, code: str, expected: Any) -> None:
    check(code, expected)


@pytest.mark.parametrize("topic, code, expected", [(r[0], r[3], r[4]) for r in ROWS], ids=[r[0] for r in ROWS])
def test_torch(topic: str, code: str, expected: Any) -> None:
    check(code, expected)
