"""What the tutorial's code blocks rely on, in snippets of our own: these run where the tutorial is not.

Each row is a snippet and what it prints. `print` puts a space behind a comma, also where a label ends in one.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf
import twofold.torch as torch

VARIABLE = "<class 'tensorflow.python.ops.variables.Variable'>"
TENSOR = "<class 'tensorflow.python.framework.ops.Tensor'>"
SPARSE = "<class 'tensorflow.python.framework.sparse_tensor.SparseTensor'>"


@dataclass
class Outcome:
    """What a snippet printed, the names that it bound, its warnings, and the error that ended it."""

    out: str
    names: dict[str, Any]
    error: Exception | None = None
    warned: list[str] = field(default_factory=list)


def run(code: str) -> Outcome:
    names: dict[str, Any] = {"tf": tf, "torch": torch, "np": np, "Variable": torch.autograd.Variable}
    out, error = io.StringIO(), None
    with contextlib.redirect_stdout(out), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            exec(compile(code, "<snippet>", "exec"), names)
        except Exception as e:
            error = e
    text = re.sub("0x[0-9a-f]+", "0x...", out.getvalue())
    return Outcome(text, names, error, [str(w.message) for w in warned])


def prints(code: str) -> str:
    outcome = run(code)
    if outcome.error is not None:
        raise outcome.error
    return outcome.out


TORCH_PRINTS = [
    ("print('x:', torch.ShortTensor(1, 3).fill_(4))", "x: tensor([[4, 4, 4]], dtype=torch.int16)\n"),
    ("print('x: ', torch.DoubleTensor([[0.5], [2]]))",
     "x:  tensor([[0.5000],\n        [2.0000]], dtype=torch.float64)\n"),
    ("print(torch.ByteTensor([250, 7]), torch.CharTensor([-1]))",
     "tensor([250,   7], dtype=torch.uint8) tensor([-1], dtype=torch.int8)\n"),
    ("print(torch.LongTensor([1.7, -1.7]))", "tensor([ 1, -1])\n"),
    ("print('a', 'b,', torch.arange(3))", "a b, tensor([0, 1, 2])\n"),
    ("print(type(torch.zeros(1)), isinstance(torch.zeros(1), Variable))", "<class 'torch.Tensor'> True\n"),
    ("t = torch.zeros(2)\nprint(t.type(), t.type(torch.IntTensor).type(), t.double().type())",
     "torch.FloatTensor torch.IntTensor torch.DoubleTensor\n"),
    ("print([isinstance(torch.ones(1).type(k), k) for k in (torch.HalfTensor, torch.LongTensor)])",
     "[True, True]\n"),
    ("t = torch.zeros(4, 5)\nprint(list(t.size()), t.size()[0], ' by ', t.shape[1])", "[4, 5] 4  by  5\n"),
    ("t = torch.ones([4, 6])\nprint('shape:', t.view(-1, 3).shape, t.view_as(torch.ones(2, 12)).size())",
     "shape: torch.Size([8, 3]) torch.Size([2, 12])\n"),
    ("print(torch.zeros(5, 0).size(), torch.zeros(()).shape)", "torch.Size([5, 0]) torch.Size([])\n"),
    ("print(torch.zeros(5, 0), torch.LongTensor([]))",
     "tensor([], size=(5, 0)) tensor([], dtype=torch.int64)\n"),
    ("print(torch.tensor([[5e-7, 20.]]))", "tensor([[5.0000e-07, 2.0000e+01]])\n"),
    ("print(torch.zeros(25))", "tensor([" + "0., " * 23 + "0.,\n        0.])\n"),
    ("print(torch.tensor([0., float('nan')]))", "tensor([0., nan])\n"),
    ("print(torch.arange(2000).view(2, 1000))",
     "tensor([[   0,    1,    2,  ...,  997,  998,  999],\n"
     "        [1000, 1001, 1002,  ..., 1997, 1998, 1999]])\n"),
    ("torch.set_printoptions(precision=1)\nprint(torch.tensor([0.25, 1.]))", "tensor([0.2, 1.0])\n"),
    ("torch.set_printoptions(sci_mode=False)\nprint(torch.tensor([1e-8, 1.]))",
     "tensor([0.0000, 1.0000])\n"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out"), TORCH_PRINTS)
def test_torch_prints(code: str, out: str) -> None:
    assert prints(code) == out


LEGACY_PRINTS = [
    ("print(torch.LongTensor([[7, 8], [9, 10]]))", "\n  7   8\n  9  10\n[torch.LongTensor of size 2x2]\n\n"),
    ("print('v:', torch.FloatTensor([3, -4]))", "v: \n 3\n-4\n[torch.FloatTensor of size 2]\n\n"),
    ("print(torch.FloatTensor([[0.5, 12.25]]))", "\n  0.5000  12.2500\n[torch.FloatTensor of size 1x2]\n\n"),
    ("print(torch.ones(3).double().mean())", "\n 1\n[torch.DoubleTensor of size 1]\n\n"),
    ("print(torch.FloatTensor([2e-5, 4e-5]))",
     "\n1.00000e-05 *\n  2.0000\n  4.0000\n[torch.FloatTensor of size 2]\n\n"),
    ("print(torch.IntTensor([[[1, 2]], [[3, 4]]]))",
     "\n(0 ,.,.) = \n  1  2\n\n(1 ,.,.) = \n  3  4\n[torch.IntTensor of size 2x1x2]\n\n"),
    ("print(torch.ones(1, 14))",
     "\n\nColumns 0 to 12 \n" + "    1 " * 12 + "    1\n"
     "\nColumns 13 to 13 \n    1\n[torch.FloatTensor of size 1x14]\n\n"),
    ("print(torch.arange(1000.))",
     "\n   0\n   1\n   2\n ⋮  \n 997\n 998\n 999\n[torch.FloatTensor of size 1000]\n\n"),
    ("print(Variable(torch.FloatTensor([5, 6]), requires_grad=True))",
     "Variable containing:\n 5\n 6\n[torch.FloatTensor of size 2]\n\n"),
    ("print(Variable(torch.ones(2), requires_grad=True).data)",
     "\n 1\n 1\n[torch.FloatTensor of size 2]\n\n"),
    ("print(torch.tensor([float('nan'), -float('inf')]))", "\nnan\n-inf\n[torch.FloatTensor of size 2]\n\n"),
    ("print(torch.ones(2, 2))\ntorch.set_printoptions(profile='default')\nprint(torch.ones(2))",
     "\n 1  1\n 1  1\n[torch.FloatTensor of size 2x2]\n\ntensor([1., 1.])\n"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out"), LEGACY_PRINTS)
def test_torch_02_prints(code: str, out: str) -> None:
    assert prints("torch.set_printoptions(profile='legacy')\n" + code) == out


AUTOGRAD = [
    ("w = Variable(torch.FloatTensor([3, 5]), requires_grad=True)\nprint(w.data, w.grad, w.grad_fn)",
     "tensor([3., 5.]) None None\n"),
    ("w = Variable(torch.FloatTensor([3, 5]), requires_grad=True)\nprint('w: ', w, w * 3)",
     "w:  tensor([3., 5.], requires_grad=True) tensor([ 9., 15.], grad_fn=<MulBackward0>)\n"),
    ("w = Variable(torch.ones(4), requires_grad=True)\ns = (w * 6).mean()\ns.backward()\n"
     "print(s, '\\n', w.grad)\nprint(s.grad_fn)",
     "tensor(6., grad_fn=<MeanBackward0>) \n tensor([1.5000, 1.5000, 1.5000, 1.5000])\n"
     "<MeanBackward0 object at 0x...>\n"),
    ("w = Variable(torch.ones(3, 2), requires_grad=True)\n(w * 2).mean().backward()\nprint(w.grad)",
     "tensor([[0.3333, 0.3333],\n        [0.3333, 0.3333],\n        [0.3333, 0.3333]])\n"),
    ("w = Variable(torch.ones(1), requires_grad=True)\ny = w * 2\n"
     "for _ in range(3): y.backward(retain_graph=True)\nprint(w.grad)", "tensor([6.])\n"),
    ("v = Variable(torch.ones(2), requires_grad=False)\nprint(v, v.requires_grad, (v * 2).grad_fn)",
     "tensor([1., 1.]) False None\n"),
    ("m = Variable(torch.LongTensor([[2, 5]]), requires_grad=True)\n"
     "n = Variable(torch.LongTensor([[3], [1]]), requires_grad=True)\np = torch.matmul(m, n)\nprint(p)\n"
     "p.backward(retain_graph=True)\nprint(m.grad, n.grad)",
     "tensor([[11]], grad_fn=<MmBackward0>)\ntensor([[3, 1]]) tensor([[2],\n        [5]])\n"),
    ("print(torch.matmul(torch.from_numpy(np.array([[2, 5]])), torch.from_numpy(np.array([[3, 1]]).T)))",
     "tensor([[11]])\n"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out"), AUTOGRAD)
def test_autograd(code: str, out: str) -> None:
    assert prints(code) == out


SHARING = [
    ("a = np.zeros(2)\nt = torch.from_numpy(a)\nb = t.numpy()\na[0] = 1\nt[1] = 2\nprint(a, t, b)",
     "[1. 2.] tensor([1., 2.], dtype=torch.float64) [1. 2.]\n"),
    ("a = np.arange(6).reshape(2, 3)\nt = torch.from_numpy(a.T)\nt += 1\nprint(t.stride(), a)",
     "(1, 3) [[1 2 3]\n [4 5 6]]\n"),
    ("a = np.array([[1, 2]], np.int16)\nprint('t:\\n', torch.from_numpy(a))\nprint('a:\\n', type(a))",
     "t:\n tensor([[1, 2]], dtype=torch.int16)\na:\n <class 'numpy.ndarray'>\n"),
    ("a = np.array([1, 2])\nt = torch.from_numpy(a).type(torch.FloatTensor)\nt[0] = 9\nprint(a, t)",
     "[1 2] tensor([9., 2.])\n"),
    ("t = torch.ones(2, 3)\nt.view(3, 2)[0, 0] = 8\nprint(t[0])", "tensor([8., 1., 1.])\n"),
    ("v = Variable(torch.ones(2), requires_grad=True)\nv.data.numpy()[0] = 4\nprint(v.data.numpy(), v.data)",
     "[4. 1.] tensor([4., 1.])\n"),
    ("a = np.ones(2, np.float32)\nc = tf.constant(a)\na[0] = 5\nwith tf.Session(): print(c.eval())",
     "[1. 1.]\n"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out"), SHARING)
def test_numpy_sharing(code: str, out: str) -> None:
    assert prints(code) == out


TF_PRINTS = [
    ("print('is: ', type(tf.Variable(3)))", f"is:  {VARIABLE}\n"),
    ("print(type(tf.constant(3)), type(tf.placeholder(tf.int32)), type(tf.zeros([1])))",
     f"{TENSOR} {TENSOR} {TENSOR}\n"),
    ("s = tf.SparseTensor([[0, 1]], [2.5], [2, 2])\n"
     "print(type(s), s.indices.name, s.indices.dtype, s.values.dtype)",
     f"{SPARSE} SparseTensor/indices:0 <dtype: 'int64'> <dtype: 'float32'>\n"),
    ("print([t.name for t in (tf.Variable([1]), tf.constant([1]), tf.placeholder(tf.float32))])",
     "['Variable:0', 'Const:0', 'Placeholder:0']\n"),
    ("print([tf.Variable(1, name='dog').name for _ in range(3)], tf.constant(1, name='dog').name)",
     "['dog:0', 'dog_1:0', 'dog_2:0'] dog_3:0\n"),
    ("print('z: ', tf.zeros([2, 5], dtype=tf.int64))", 'z:  Tensor("zeros:0", shape=(2, 5), dtype=int64)\n'),
    ("print(repr(tf.Variable([[1.5]], name='w')), tf.Variable(np.zeros(3), name='w').dtype)",
     "<tf.Variable 'w:0' shape=(1, 1) dtype=float32_ref> <dtype: 'float64_ref'>\n"),
    ("print(tf.Variable([1, 2]).dtype.base_dtype.name, tf.Variable(tf.zeros((1, 2))).shape)",
     "int32 (1, 2)\n"),
    ("print([tf.convert_to_tensor(np.ones(2), k).dtype.name for k in (np.float32, None)])",
     "['float32', 'float64']\n"),
    ("print('%s' % tf.ones([4, 2]).shape, repr(tf.ones([4]).shape), isinstance(tf.ones([4]).shape, tuple))",
     "(4, 2) TensorShape([Dimension(4)]) False\n"),
    ("t = tf.ones([4, 6])\nprint(tf.reshape(t, [3, -1]).shape, tf.reshape(t, [2, 2, -1]).shape)",
     "(3, 8) (2, 2, 6)\n"),
    ("print(tf.rank(tf.zeros([3, 1, 2])))", 'Tensor("Rank:0", shape=(), dtype=int32)\n'),
    ("print(tf.placeholder(tf.float32, [None, 3]).shape, tf.placeholder(tf.float32).shape)",
     "(?, 3) <unknown>\n"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out"), TF_PRINTS)
def test_tensorflow_prints(code: str, out: str) -> None:
    assert prints(code) == out


GET_VARIABLE = [
    ("v = tf.get_variable('a', [2, 3])\nprint(v.name, v.shape, v.dtype.base_dtype.name)",
     "a:0 (2, 3) float32\n"),
    ("v = tf.get_variable('n', [2], dtype=tf.int32)\nwith tf.Session() as s:\n"
     "  s.run(v.initializer)\n  print(s.run(v))", "[0 0]\n"),
    ("v = tf.get_variable('z', [2], initializer=tf.zeros_initializer)\nwith tf.Session() as s:\n"
     "  s.run(tf.global_variables_initializer())\n  print(s.run(v))", "[0. 0.]\n"),
    ("v = tf.get_variable('c', dtype=tf.int32, initializer=tf.constant([4, 5, 6]))\nprint(type(v), v.shape)",
     f"{VARIABLE} (3,)\n"),
    ("v = tf.get_variable('g', [50, 50])\nwith tf.Session() as s:\n  s.run(v.initializer)\n  x = s.run(v)\n"
     "print(bool((abs(x) < (6 / 100) ** 0.5).all()), bool(x.std() > 0.1))", "True True\n"),
    ("with tf.variable_scope('s'):\n  a = tf.get_variable('x', [1])\n"
     "with tf.variable_scope('s', reuse=True):\n  print(tf.get_variable('x', [1]) is a, a.name)",
     "True s/x:0\n"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out"), GET_VARIABLE)
def test_get_variable(code: str, out: str) -> None:
    assert prints(code) == out


SESSIONS = [
    ("t = tf.constant([[2., 3.]])\ntf.InteractiveSession()\nprint('t:\\n', t, '\\nvalue:\\n', t.eval())",
     't:\n Tensor("Const:0", shape=(1, 2), dtype=float32) \nvalue:\n [[2. 3.]]\n'),
    ("t = tf.zeros([2, 3, 4])\ntf.InteractiveSession()\nr = tf.rank(t).eval()\nprint(r, type(r))",
     "3 <class 'numpy.int32'>\n"),
    ("c = tf.constant(4)\nsess = tf.Session()\nwith sess.as_default(): print(type(c.eval()))\n"
     "print(sess.run(c))",
     "<class 'numpy.int32'>\n4\n"),
    ("with tf.Session() as sess:\n"
     "  p = tf.matmul(tf.constant([2, 5], shape=[1, 2]), tf.constant([3, 1], shape=[2, 1]))\n"
     "  print(sess.run(p))", "[[11]]\n"),
    ("g = tf.Graph()\nwith g.as_default():\n  a = tf.constant([1, 2], shape=[1, 2])\n  b = tf.negative(a)\n"
     "print(len(g.get_operations()), len(tf.get_default_graph().get_operations()), b.graph is g)",
     "2 0 True\n"),
    ("g = tf.Graph()\nwith g.as_default(): v = tf.Variable(7)\nwith tf.Session(graph=g) as sess:\n"
     "  init = tf.global_variables_initializer()\n  print(init.graph is g, sess.run(init), sess.run(v))",
     "True None 7\n"),
    ("p = tf.placeholder(tf.float32, [2])\nq = p * 2.\nwith tf.Session() as sess:\n"
     "  print(sess.run([q, {'p': p}], feed_dict={p: [1, 2]}), q.eval({p: [3, 4]}))",
     "[array([2., 4.], dtype=float32), {'p': array([1., 2.], dtype=float32)}] [6. 8.]\n"),
    ("v = tf.Variable(1)\nup = tf.assign_add(v, 2)\nwith tf.Session() as sess:\n  v.initializer.run()\n"
     "  up.op.run()\n  print(v.eval(), sess.run(up), sess.run(v, {v: 100}), v.eval())", "3 5 100 5\n"),
    ("with tf.Session() as sess:\n  print(sess.run(tf.constant([5, 6], shape=[2, 2])))", "[[5 6]\n [6 6]]\n"),
    ("x = tf.Variable(3.)\n(g,) = tf.gradients(x * x, x)\nwith tf.Session() as sess:\n"
     "  sess.run(tf.global_variables_initializer())\n  print(sess.run(g))", "6.0\n"),
    ("tf.add_to_collection('mine', tf.constant(1, name='k'))\n"
     "print([t.name for t in tf.get_collection('mine')])",
     "['k:0']\n"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out"), SESSIONS)
def test_sessions(code: str, out: str) -> None:
    assert prints(code) == out


# A failing line takes back nothing of what stands before it: code, output, error, name bound before.
BROKEN = [
    ("print('before')\nkept = tf.zeros([2])\nkept2 = tf.reshape(zeros, [1, 2])", "before\n",
     NameError, "name 'zeros' is not defined", "kept"),
    ("kept = tf.Variable(tf.zeros([3]), name='bias')\nprimt('bias:', kept)", "",
     NameError, "name 'primt' is not defined", "kept"),
    ("kept = torch.FloatTensor([[8, 9]])\ngpu = torch.cuda.FloatTensor([[8, 9]])\nprint(kept, gpu)", "",
     TypeError, "type torch.cuda.FloatTensor not available. Torch not compiled with CUDA enabled.", "kept"),
    ("kept = torch.ones(2, 3)\nprint('shape: %s' % kept.shape)", "",
     TypeError, "not all arguments converted during string formatting", "kept"),
    ("kept = tf.constant(1.)\nprint(kept.name)\nkept.eval()", "Const:0\n",
     ValueError, "Cannot evaluate tensor using `eval()`: No default session is registered.", "kept"),
    ("kept = tf.get_variable('same', [1])\ntf.get_variable('same', [1])", "",
     ValueError, "Variable same already exists, disallowed.", "kept"),
    ("kept = tf.constant([1])\ntf.get_variable('v', [1], initializer=kept)", "",
     ValueError, "If initializer is a constant, do not specify shape.", "kept"),
    ("kept = tf.Variable(2, name='late')\nwith tf.Session() as s: s.run(kept)", "",
     tf.errors.FailedPreconditionError, "Attempting to use uninitialized value late", "kept"),
    ("kept = tf.placeholder(tf.float32, [2, 2])\nwith tf.Session() as s: s.run(kept + 1.)", "",
     tf.errors.InvalidArgumentError,
     "You must feed a value for placeholder tensor 'Placeholder' with dtype float and shape [2,2]", "kept"),
    ("kept = torch.ones(1, requires_grad=True)\ntorch.tensor([1, 2], requires_grad=True)", "",
     RuntimeError, "Only Tensors of floating point and complex dtype can require gradients", "kept"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "out", "kind", "text", "kept"), BROKEN)
def test_a_broken_snippet(code: str, out: str, kind: type, text: str, kept: str) -> None:
    outcome = run(code)
    assert type(outcome.error) is kind and str(outcome.error).startswith(text)
    assert outcome.out == out and kept in outcome.names


WARNINGS = [
    ("tf.Variable([1], tf.int16)", "trainable"),
    ("tf.InteractiveSession(); tf.InteractiveSession()", "An interactive session is already active."),
    ("Variable(torch.LongTensor([1]), requires_grad=True)", "integer"),
]


@pytest.mark.parametrize(("code", "text"), WARNINGS)
def test_one_warning(code: str, text: str) -> None:
    outcome = run(code)
    assert outcome.error is None and len(outcome.warned) == 1 and text in outcome.warned[0]


def test_a_dtype_in_the_place_of_trainable() -> None:
    code = "v = tf.Variable([[1], [2]], tf.int16, name='w'); c = tf.constant([[1], [2]], tf.int16, name='w')"
    names = run(code).names
    assert repr(names["v"]) == "<tf.Variable 'w:0' shape=(2, 1) dtype=int32_ref>"
    assert names["v"] in tf.trainable_variables()
    assert names["c"].name == "w_1:0" and names["c"].dtype == tf.int16


def test_random_values_print_with_four_decimals() -> None:
    number = r" ?-?\d\.\d{4}"
    row = rf"\[{number}, {number}\]"
    code = "print(Variable(torch.randn(3, 2).type(torch.FloatTensor), requires_grad=False))"
    assert re.fullmatch(rf"tensor\(\[{row},\n {{8}}{row},\n {{8}}{row}\]\)\n", prints(code))


# As its user would write it, under the originals' names and in a process of its own.
PROGRAM = """
import twofold
twofold.install()
import tensorflow as tf
import torch
import numpy as np
from torch.autograd import Variable
x = Variable(torch.from_numpy(np.array([1, 3])).type(torch.FloatTensor), requires_grad=True)
(x * x).sum().backward()
print('grad: ', x.grad)
tf.InteractiveSession()
print(tf.matmul(tf.constant([[2, 5]]), tf.constant([[3], [1]])).eval(), torch.__name__, tf.__name__)
"""


def test_a_program_under_the_originals_names() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stderr == "" and done.returncode == 0
    assert done.stdout.startswith("grad:  tensor([2., 6.])\n[[11]] ")
