"""The TensorFlow face: printed forms, names, values, errors. Each row is code and what it must give."""

from __future__ import annotations

import contextlib
import collections
from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf
import twofold.torch as torch

NAMES = {"tf": tf, "np": np}

FORMS = [
    ("tf.ones([3, 4, 4], dtype=tf.float64)", 'Tensor("ones:0", shape=(3, 4, 4), dtype=float64)'),
    ("tf.placeholder(tf.float32, [None, 2])", 'Tensor("Placeholder:0", shape=(?, 2), dtype=float32)'),
    ("tf.placeholder(tf.int32)", 'Tensor("Placeholder:0", dtype=int32)'),
    ("repr(tf.ones([3]))", "<tf.Tensor 'ones:0' shape=(3,) dtype=float32>"),
    ("repr(tf.placeholder('float'))", "<tf.Tensor 'Placeholder:0' shape=<unknown> dtype=float32>"),
    ("tf.Variable([[7], [11]], name='cat')", "<tf.Variable 'cat:0' shape=(2, 1) dtype=int32_ref>"),
    ("tf.float32", "<dtype: 'float32'>"),
    ("repr(tf.float32)", "tf.float32"),
    ("repr(tf.zeros([10, 3]).shape)", "TensorShape([Dimension(10), Dimension(3)])"),
    ("tf.zeros([3]).shape", "(3,)"),
    ("tf.zeros([]).shape", "()"),
    ("repr(tf.no_op(name='init').op)", "<tf.Operation 'init' type=NoOp>"),
    ("'%s' % tf.ones([2, 3]).shape", "(2, 3)"),
    ("tf.zeros([2, 3]).get_shape().as_list()", "[2, 3]"),
    ("tf.constant([1, 2]).dtype.name", "int32"),
    ("tf.constant([1., 2.]).dtype.name", "float32"),
    ("tf.constant(2**40).dtype.name", "int64"),
    ("tf.constant(np.zeros(2)).dtype.name", "float64"),
    ("tf.convert_to_tensor(np.zeros(2)).dtype.name", "float64"),
    ("tf.constant([[7]], tf.int16).dtype.name", "int16"),
    ("(tf.constant([1], tf.int32) / 2).dtype.name", "float64"),
    ("(tf.constant([1], tf.int16) / tf.constant([2], tf.int16)).dtype.name", "float32"),
    ("tf.reduce_sum(tf.constant([1, 2])).dtype.name", "int32"),
    ("tf.argmax([1., 2.]).dtype.name", "int64"),
    ("tf.shape(tf.zeros([2, 3])).dtype.name", "int32"),
    ("tf.one_hot([1], 3).dtype.name", "float32"),
    ("tf.constant(1) == tf.constant(1)", "False"),
    ("isinstance(tf.Variable(1), tf.Tensor)", "False"),
    ("tf.GraphKeys.TRAINABLE_VARIABLES", "trainable_variables"),
]


@pytest.mark.parametrize(("code", "text"), FORMS)
def test_form(code: str, text: str) -> None:
    assert str(eval(code, dict(NAMES))) == text


VALUES = [
    ("tf.constant([1, 2], shape=[1, 2])", [[1, 2]]),
    ("tf.constant([1, 2], shape=[4])", [1, 2, 2, 2]),
    ("tf.matmul([[1, 2]], [[3], [4]])", [[11]]),
    ("tf.reduce_sum([[1., 2.], [3., 4.]], axis=1)", [3, 7]),
    ("tf.reduce_sum([[1., 2.], [3., 4.]], reduction_indices=[0], keep_dims=True)", [[4, 6]]),
    ("tf.reduce_max([1, 5, 2])", 5),
    ("tf.argmax([[1., 5.], [7., 2.]], 1)", [1, 0]),
    ("tf.argmax([[1., 5.], [7., 2.]])", [1, 0]),
    ("tf.transpose([[1, 2], [3, 4]])", [[1, 3], [2, 4]]),
    ("tf.concat([[1], [2, 3]], 0)", [1, 2, 3]),
    ("tf.stack([1, 2])", [1, 2]),
    ("tf.stack([[1, 2], [3, 4]], axis=1)", [[1, 3], [2, 4]]),
    ("tf.expand_dims([1, 2], 1)", [[1], [2]]),
    ("tf.squeeze([[1], [2]])", [1, 2]),
    ("tf.cast([1.7, -1.7], tf.int32)", [1, -1]),
    ("tf.where([True, False], [1, 2], [3, 4])", [1, 4]),
    ("tf.where([False, True])", [[1]]),
    ("tf.one_hot([0, 2], 3)", [[1, 0, 0], [0, 0, 1]]),
    ("tf.gather([10, 20, 30], [2, 0])", [30, 10]),
    ("tf.equal([1, 2], [1, 3])", [True, False]),
    ("tf.range(2, 8, 3)", [2, 5]),
    ("tf.fill([2], 7)", [7, 7]),
    ("tf.rank(tf.zeros([1, 2]))", 2),
    ("tf.size(tf.zeros([4, 2]))", 8),
    ("tf.shape(tf.zeros([4, 2]))", [4, 2]),
    ("tf.constant([[1, 2, 3], [4, 5, 6]])[1, ::2]", [4, 6]),
    ("tf.constant([1, 2, 3])[::-1]", [3, 2, 1]),
    ("tf.constant([1, 2])[tf.newaxis]", [[1, 2]]),
    ("tf.split(tf.constant([1, 2, 3, 4]), 2)", [[1, 2], [3, 4]]),
    ("tf.clip_by_value([1., 5.], 2., 3.)", [2, 3]),
    ("1 / tf.constant([2., 4.])", [0.5, 0.25]),
    ("2 ** tf.constant([1., 3.])", [2, 8]),
    ("-tf.constant([1]) + 3", [2]),
    ("tf.nn.relu([-1., 2.])", [0, 2]),
    ("tf.nn.softmax([[0., 0.]])", [[0.5, 0.5]]),
    ("tf.nn.l2_loss([3., 4.])", 12.5),
    ("tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[0., 0.]])", [np.log(2)]),
    ("tf.nn.softmax_cross_entropy_with_logits(labels=[[0., 1.]], logits=[[0., 0.]])", [np.log(2)]),
    ("tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.], logits=[0.])", [np.log(2)]),
    ("tf.gradients(tf.square(tf.constant(3.)), [])", []),
    # An array as the second operand takes the tensor's dtype, as numbers do.
    ("tf.constant([1., 2.]) - np.array([0.5, 1.5])", [0.5, 0.5]),
    ("tf.constant([1, 2]) + np.array([1.5, 2.5])", [2, 4]),
    ("tf.constant([1., 2.]) ** np.array([2, 3])", [1, 8]),
    ("tf.constant([1, 2]) * np.float64(2.5)", [2, 4]),
    ("tf.concat([np.array([1.5]), tf.constant([1])], 0)", [1, 1]),
]


@pytest.mark.parametrize(("code", "expected"), VALUES)
def test_value(code: str, expected: Any) -> None:
    with tf.Session() as sess:
        result = eval(code, dict(NAMES))
        value = sess.run(result) if not isinstance(result, list) or result else result
    np.testing.assert_allclose(value, expected, rtol=1e-6)


BUILD_ERRORS = [
    ("tf.constant(1).assign(2)", AttributeError, "'Tensor' object has no attribute 'assign'"),
    ("tf.constant([1]).__setitem__(0, 2)", TypeError, "'Tensor' object does not support item assignment"),
    ("bool(tf.constant(1))", TypeError, "Using a `tf.Tensor` as a Python `bool` is not allowed."),
    ("iter(tf.constant([1]))", TypeError, "Tensor objects are only iterable when eager execution is enabled."),
    ("tf.add(tf.constant(1), tf.constant(1.))", TypeError,
     "Input 'y' of 'Add' Op has type float32 that does not match type int32 of argument 'x'."),
    ("tf.constant(1) + 1.5", TypeError, "Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'."),
    ("1.5 + tf.constant(1)", TypeError, "Expected int32, got 1.5 of type 'float' instead."),
    ("tf.constant(1.5, tf.int32)", TypeError, "Expected int32, got 1.5 of type 'float' instead."),
    ("tf.add(tf.constant(1), 1.5)", TypeError,
     "Expected int32 passed to parameter 'y' of op 'Add', got 1.5 of type 'float' instead. Error: Expected int32, got 1.5"),
    ("tf.exp(tf.constant(1))", TypeError, "Value passed to parameter 'x' has DataType int32 not in list of allowed values: bfloat16,"),
    ("tf.logical_not(tf.constant(1.))", TypeError, "Input 'x' of 'LogicalNot' Op has type float32 that does not match expected type of bool."),
    ("tf.ones([2, 3]) + tf.ones([2, 4])", ValueError,
     "Dimensions must be equal, but are 3 and 4 for 'add' (op: 'AddV2') with input shapes: [2,3], [2,4]."),
    ("tf.convert_to_tensor(tf.constant(1.), tf.int32)", ValueError,
     "Tensor conversion requested dtype int32 for Tensor with dtype float32: <tf.Tensor"),
    ("tf.matmul(tf.ones([2, 3]), tf.ones([2, 3]))", ValueError, "Dimensions must be equal, but are 3 and 2 for 'MatMul'"),
    ("tf.reshape(tf.ones([2, 3, 4]), [5, 5])", ValueError,
     "Cannot reshape a tensor with 24 elements to shape [5,5] (25 elements)"),
    ("tf.ones([2, 3]) + tf.ones([2, 4])", ValueError, "Dimensions must be equal, but are 3 and 4"),
    ("tf.squeeze(tf.ones([2, 1]), [0])", ValueError, "Can not squeeze dim[0], expected a dimension of 1, got 2"),
    ("tf.get_variable('x', initializer=tf.constant([1, 2]), shape=[2])", ValueError,
     "If initializer is a constant, do not specify shape."),
    ("tf.get_variable('x')", ValueError, "Shape of a new variable (x) must be fully defined, but instead was <unknown>."),
    ("tf.get_variable('x', initializer=tf.constant([1.]), dtype=tf.int32)", ValueError,
     "Initializer type '<dtype: 'float32'>' and explicit dtype '<dtype: 'int32'>' don't match."),
    ("tf.get_default_graph().get_tensor_by_name('x:0')", KeyError,
     "\"The name 'x:0' refers to a Tensor which does not exist. The operation, 'x', does not exist in the graph.\""),
    ("tf.Session(target=1)", TypeError, "target must be a string, but got <class 'int'>"),
    ("tf.Session().run(1)", RuntimeError, "The Session graph is empty.  Add operations to the graph before calling run()."),
    ("tf.constant(1).eval()", ValueError, "Cannot evaluate tensor using `eval()`: No default session is registered."),
    ("tf.nn.softmax_cross_entropy_with_logits(1, 2)", ValueError,
     "Only call `softmax_cross_entropy_with_logits` with named arguments (labels=..., logits=..., ...)"),
    ("tf.reduce_summ", AttributeError,
     "module 'tensorflow' has no attribute 'reduce_summ' in Twofold; the nearest thing that exists is tf.reduce_sum"),
    ("tf.train.AdamOptimiser", AttributeError,
     "module 'tensorflow.train' has no attribute 'AdamOptimiser' in Twofold; the nearest thing that exists is tf.train.AdamOptimizer"),
    ("tf.train.Saver", AttributeError, "module 'tensorflow.train' has no attribute 'Saver' in Twofold"),
    ("tf.math.reduce_som", AttributeError, "module 'tensorflow.math' has no attribute 'reduce_som' in Twofold; the nearest thing that exists is tf.math.reduce_sum"),
    ("tf.nn.conv2d", AttributeError, "module 'tensorflow.nn' has no attribute 'conv2d' in Twofold"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), BUILD_ERRORS)
def test_build_error(code: str, kind: type, text: str) -> None:
    with pytest.raises(kind) as caught:
        eval(code, dict(NAMES))
    assert str(caught.value).startswith(text)


RUN_ERRORS = [
    ("sess.run(p * 2)", tf.errors.InvalidArgumentError,
     "You must feed a value for placeholder tensor 'Placeholder' with dtype float and shape [2,2]"),
    ("sess.run(q)", tf.errors.InvalidArgumentError,
     "You must feed a value for placeholder tensor 'Placeholder_1' with dtype float and shape [?,?]"),
    ("sess.run(v)", tf.errors.FailedPreconditionError, "Attempting to use uninitialized value cat"),
    ("sess.run(v * 2)", tf.errors.FailedPreconditionError, "Attempting to use uninitialized value cat"),
    ("sess.run(p, {p: [1., 2., 3.]})", ValueError,
     "Cannot feed value of shape (3,) for Tensor 'Placeholder:0', which has shape '(2, 2)'"),
    ("sess.run(p, {p: tf.ones([2, 2])})", TypeError, "The value of a feed cannot be a tf.Tensor object."),
    ("sess.run(p, {'nothing:0': 1})", TypeError, "Cannot interpret feed_dict key as Tensor: "),
    ("sess.run(None)", TypeError, "Fetch argument None has invalid type <class 'NoneType'>"),
    ("sess.run(3)", TypeError, "Fetch argument 3 has invalid type <class 'int'>"),
    ("sess.run(other)", ValueError, "Fetch argument <tf.Tensor 'Const:0' shape=() dtype=float32> cannot be interpreted as a Tensor."),
    ("sess.run(tf.matmul(q, q), {q: [[1., 2., 3.], [4., 5., 6.]]})", tf.errors.InvalidArgumentError,
     "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]"),
    ("sess.run(q + r, {q: [[1., 2.]], r: [[1., 2., 3.]]})", tf.errors.InvalidArgumentError,
     "Incompatible shapes: [1,2] vs. [1,3]"),
    ("closed.run(p)", RuntimeError, "Attempted to use a closed Session."),
    ("p + other", ValueError, 'Tensor("Const:0", shape=(), dtype=float32) must be from the same graph as Tensor('),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), RUN_ERRORS)
def test_run_error(code: str, kind: type, text: str) -> None:
    elsewhere = tf.Graph()
    with elsewhere.as_default():
        other = tf.constant(1.0)
    space = dict(NAMES, other=other, p=tf.placeholder(tf.float32, [2, 2]), v=tf.Variable([1.0], name="cat"),
                 q=tf.placeholder(tf.float32, [None, None]), r=tf.placeholder(tf.float32, [None, None]))  # fmt: skip
    closed = space["closed"] = tf.Session()
    closed.close()
    with tf.Session() as sess, pytest.raises(kind) as caught:
        eval(code, dict(space, sess=sess))
    assert str(caught.value).startswith(text)


def test_uninitialised_variables_are_all_named_with_their_lines() -> None:
    a, b = tf.Variable(1.0, name="a"), tf.Variable(1.0, name="b")
    with tf.Session() as sess, pytest.raises(tf.errors.FailedPreconditionError) as caught:
        sess.run(a + b)
    text = str(caught.value)
    assert "a (test_tensorflow.py:" in text and "b (test_tensorflow.py:" in text


def test_fetches_keep_their_structure() -> None:
    Pair = collections.namedtuple("Pair", "x y")
    a, b = tf.constant(1, name="a"), tf.constant([2.0])
    with tf.Session() as sess:
        out = sess.run({"p": Pair(a, [b, ("a:0", tf.no_op())]), "n": "a"})
    assert out["n"] is None and out["p"].x == 1 and out["p"].y[0].tolist() == [2.0] and out["p"].y[1] == (1, None)
    assert type(out["p"].x) is np.int32


def test_variables_survive_runs_and_assignments_run_when_fetched() -> None:
    v = tf.Variable(1.0)
    add, doubled = v.assign_add(2.0), v * 2
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(doubled) == 2
        assert sess.run(add) == 3 and sess.run(add) == 5
        assert sess.run(doubled) == 10 and v.eval() == 5
        v.load(7.0, sess)
        assert sess.run(v) == 7


def test_control_dependencies() -> None:
    v = tf.Variable(0)
    with tf.control_dependencies([tf.assign_add(v, 1)]):
        after = tf.identity(tf.constant(5))
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(after) == 5 and sess.run(v) == 1


def test_get_variable_and_scopes() -> None:
    with tf.variable_scope("a"):
        v = tf.get_variable("v", [2])
        with pytest.raises(ValueError, match="Variable a/v already exists, disallowed. Did you mean to set reuse=True"):
            tf.get_variable("v", [2])
    assert v.name == "a/v:0"
    with tf.variable_scope("a", reuse=True):
        assert tf.get_variable("v") is v
        with pytest.raises(ValueError, match="Trying to share variable a/v, but specified shape"):
            tf.get_variable("v", [3])
        with pytest.raises(ValueError, match="Variable a/w does not exist"):
            tf.get_variable("w", [3])
    with tf.variable_scope("a", reuse=tf.AUTO_REUSE):
        assert tf.get_variable("v", [2]) is v and tf.get_variable("w", [3]).name == "a/w:0"
    assert [t.name for t in tf.trainable_variables("a/v")] == ["a/v:0"]


def test_collections() -> None:
    tf.add_to_collection("mine", 1)
    tf.add_to_collection("mine", "two")
    assert tf.get_collection("mine") == [1, "two"]
    x, _ = tf.Variable(1, name="one/x"), tf.Variable(1, name="two/x")
    assert tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, "one") == [x]


def test_a_finalised_graph() -> None:
    g = tf.Graph()
    with g.as_default():
        c = tf.constant(1)
        g.finalize()
        with pytest.raises(RuntimeError, match="Graph is finalized and cannot be modified."):
            tf.constant(2)
        with tf.Session() as sess:
            assert sess.run(c) == 1


# a function of x = [1, 2], and the gradient of its sum
GRADIENTS = [
    ("tf.reduce_logsumexp(x)", [1 / (1 + np.e), np.e / (1 + np.e)]),
    ("tf.boolean_mask(x, [True, False])", [1, 0]),
    ("tf.maximum(x, [1., 1.])", [1, 1]),
    ("tf.clip_by_value(x, 1., 2.)", [1, 1]),
    ("tf.nn.leaky_relu(-x)", [-0.2, -0.2]),
    ("tf.gradients(-x * x, x)[0]", [-2, -2]),
    ("tf.gradients(tf.cumsum(x * x), x)[0]", [4, 2]),
    ("tf.gradients(-(x * x * x), x, grad_ys=-x)[0]", [9, 36]),
]  # fmt: skip


@pytest.mark.parametrize("code, gradient", GRADIENTS, ids=[r[0] for r in GRADIENTS])
def test_gradient(code: str, gradient: list) -> None:
    x = tf.constant([1.0, 2.0])
    with tf.Session() as sess:
        found = sess.run(tf.gradients(eval(code, {"tf": tf, "x": x}), x)[0])
    assert found.tolist() == pytest.approx(gradient)


def test_gradients() -> None:
    x = tf.placeholder(tf.float32, [None])
    w = tf.Variable([2.0, 3.0])
    y = tf.reduce_sum(w * x * x)
    gx, gw, none = tf.gradients(y, [x, w, tf.constant(1.0)])
    (second,) = tf.gradients(gx, x)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        out = sess.run([gx, gw, second], {x: [1.0, 2.0]})
    assert none is None
    assert [o.tolist() for o in out] == [[4, 12], [1, 4], [4, 6]]


def reference(name: str, g: np.ndarray, w: np.ndarray, steps: int) -> np.ndarray:
    """Ten steps with a constant gradient in float64, by the formulas of TensorFlow's documentation."""
    m, v, a = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t in range(1, steps + 1):
        if name == "sgd":
            w = w - 0.1 * g
        elif name == "momentum":
            a = 0.9 * a + g
            w = w - 0.1 * a
        elif name == "nesterov":
            a = 0.9 * a + g
            w = w - 0.1 * (g + 0.9 * a)
        elif name == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            w = w - 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
        elif name == "rmsprop":
            v = v if t > 1 else np.ones_like(w)
            v = 0.9 * v + 0.1 * g * g
            w = w - 0.1 * g / np.sqrt(v + 1e-10)
        else:
            v = (v if t > 1 else np.full_like(w, 0.1)) + g * g
            w = w - 0.1 * g / np.sqrt(v)
    return w


OPTIMIZERS = [
    ("sgd", lambda: tf.train.GradientDescentOptimizer(0.1)),
    ("momentum", lambda: tf.train.MomentumOptimizer(0.1, 0.9)),
    ("nesterov", lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True)),
    ("adam", lambda: tf.train.AdamOptimizer(0.1)),
    ("rmsprop", lambda: tf.train.RMSPropOptimizer(0.1)),
    ("adagrad", lambda: tf.train.AdagradOptimizer(0.1)),
]


@pytest.mark.parametrize(("name", "make"), OPTIMIZERS)
def test_optimizers_follow_tensorflows_formulas(name: str, make: Any) -> None:
    w = tf.Variable(np.array([1.0, -2.0]))
    step = tf.train.get_or_create_global_step()
    train = make().minimize(tf.reduce_sum(w * np.array([0.5, -3.0])), global_step=step)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(10):
            sess.run(train)
        # Adam's powers of beta are float32, as TensorFlow's are.
        expected = reference(name, np.array([0.5, -3.0]), np.array([1.0, -2.0]), 10)
        np.testing.assert_allclose(sess.run(w), expected, rtol=1e-6, atol=2e-5 if name == "adam" else 0)
        assert sess.run(step) == 10


def test_no_gradients() -> None:
    v = tf.Variable(1.0)
    with pytest.raises(ValueError, match="No gradients provided for any variable, check your graph"):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0), var_list=[v])


def test_an_mlp_trains() -> None:
    tf.set_random_seed(1)
    x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.int64, [None])
    hidden = tf.nn.relu(tf.matmul(x, tf.get_variable("w1", [4, 16])) + tf.Variable(tf.zeros([16])))
    kept = tf.nn.dropout(hidden, keep_prob=0.9)
    logits = tf.matmul(kept, tf.Variable(tf.random_normal([16, 2], stddev=0.35)))
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    train = tf.train.AdamOptimizer(0.05).minimize(loss)
    data = np.random.RandomState(0).randn(128, 4)
    feed = {x: data, y: (data[:, 0] > 0).astype(int)}
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        sess.run(tf.global_variables_initializer())
        first = sess.run(loss, feed)
        for _ in range(60):
            sess.run(train, feed_dict=feed)
        assert sess.run(loss, feed) < 0.5 * first


def test_seeds_make_runs_equal() -> None:
    draws = []
    for _ in range(2):
        tf.reset_default_graph()
        tf.set_random_seed(7)
        a, b = tf.random_uniform([3]), tf.random_normal([2], seed=3)
        with tf.Session() as sess:
            draws.append(np.concatenate(sess.run([a, b])))
    assert draws[0].tolist() == draws[1].tolist() and len(set(draws[0])) == 5


def test_sparse_tensors() -> None:
    s = tf.SparseTensor(indices=[[0, 0], [1, 2]], values=[1, 2], dense_shape=[3, 4])
    assert s.shape.as_list() == [3, 4] and s.dtype == tf.int32
    assert str(s).startswith('SparseTensor(indices=Tensor("SparseTensor/indices:0", shape=(2, 2), dtype=int64)')
    with tf.Session() as sess:
        value = sess.run(s)
    assert value.values.tolist() == [1, 2] and value.dense_shape.tolist() == [3, 4]


def test_a_torch_module_becomes_part_of_the_graph() -> None:
    """One world: the same module on values and on a placeholder, the same bits."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    x = tf.placeholder(tf.float32, [None, 4])
    y = net(x)
    assert isinstance(y, tf.Tensor) and y.shape.as_list() == [None, 2]
    data = np.random.RandomState(0).randn(5, 4).astype(np.float32)
    with tf.Session() as sess:
        in_graph = sess.run(y, {x: data})
    assert in_graph.tolist() == net(torch.from_numpy(data)).tolist()
    names = [v.name for v in tf.trainable_variables()]
    assert names == ["0/weight:0", "0/bias:0", "2/weight:0", "2/bias:0"]
    with torch.no_grad():
        net[0].weight.mul_(2)  # the graph sees the module's parameters themselves
    with tf.Session() as sess:
        assert sess.run(y, {x: data}).tolist() == net(torch.from_numpy(data)).tolist()


def test_tensorflow_trains_a_torch_module() -> None:
    torch.manual_seed(0)
    net = torch.nn.Linear(3, 1)
    x = tf.placeholder(tf.float32, [None, 3])
    loss = tf.reduce_mean(tf.square(net(x) - 1.0))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    data = np.random.RandomState(0).randn(16, 3).astype(np.float32)
    before = net.weight.tolist()
    with tf.Session() as sess:
        first = sess.run(loss, {x: data})
        for _ in range(20):
            sess.run(train, {x: data})
        last = sess.run(loss, {x: data})
    assert last < 0.5 * first and net.weight.tolist() != before
    eager = ((net(torch.from_numpy(data)) - 1.0) ** 2).mean()
    assert eager.item() == pytest.approx(float(last))


def test_cond() -> None:
    x, w = tf.placeholder(tf.float32, []), tf.Variable(3.0)
    y = tf.cond(x > 0, lambda: x * w, lambda: tf.square(x) + 1.0)
    both = tf.cond(x > 0, lambda: (x, [w + 1.0]), lambda: (x + 1.0, [x]))
    gradient, for_w = tf.gradients(y, [x, w])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run([y, gradient, for_w], {x: 2.0}) == [6, 3, 2]
        assert sess.run([y, gradient, for_w], {x: -2.0}) == [5, -4, 0]
        assert sess.run(both, {x: 1.0}) == (1, [4])


def test_while_loop() -> None:
    n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [2])
    _, power = tf.while_loop(lambda i, _: i < n, lambda i, v: (i + 1, v * x), (0, tf.ones([2])))
    (gradient,) = tf.gradients(power, x)
    single = tf.while_loop(lambda i: i < 10, lambda i: i + 3, [tf.constant(0)])
    with tf.Session() as sess:
        values = sess.run([power, gradient], {n: 3, x: [2.0, 3.0]})
        assert [v.tolist() for v in values] == [[8, 27], [12, 27]]
        assert sess.run(power, {n: 0, x: [2.0, 3.0]}).tolist() == [1, 1]
        assert sess.run(single) == 12


def test_an_error_in_a_branch_is_the_users() -> None:
    x = tf.placeholder(tf.float32, [])
    with pytest.raises(ZeroDivisionError):
        tf.cond(x > 0, lambda: x / (1 // 0), lambda: x)
    assert tf.constant(1).graph is tf.get_default_graph()


# Printed by TensorFlow (tensorflow-cpu, compat.v1) itself: (the graph's seed, the operation, its values).
def test_py_func() -> None:
    kept = []

    def split(a: np.ndarray) -> tuple[np.ndarray, np.float32]:
        kept.append(a)
        return a[a > 0], a.sum()

    x = tf.placeholder(tf.float32, [None])
    positive, total = tf.py_func(split, [x], [tf.float32, tf.float32])
    doubled = tf.py_func(lambda v: v * 2, [x], tf.float32) + 1.0
    bad = tf.py_func(lambda v: {}["missing"], [x], tf.float32)
    with tf.Session() as sess:
        out = sess.run([positive, total, doubled], {x: [1.0, -2.0, 3.0]})
        assert [o.tolist() for o in out] == [[1, 3], 2, [3, -3, 7]]
        sess.run(total, {x: [7.0]})
        with pytest.raises(tf.errors.UnknownError, match="KeyError: .missing."):
            sess.run(bad, {x: [1.0]})
    assert kept[0].tolist() == [1, -2, 3] and positive.shape.ndims is None


def test_print_and_assert(capsys: pytest.CaptureFixture[str]) -> None:
    x = tf.placeholder(tf.float32, [4])
    shown = tf.Print(x, [x, tf.shape(x)], "x is ")
    with tf.control_dependencies([tf.Assert(x[0] > 0, [x])]):
        guarded = tf.identity(x)
    (gradient,) = tf.gradients(tf.reduce_sum(shown * shown), x)
    with tf.Session() as sess:
        assert sess.run(gradient, {x: [1.0, 2.0, 3.0, 4.0]}).tolist() == [2, 4, 6, 8]
        assert sess.run(guarded, {x: [1.0, 2.0, 3.0, 4.0]})[3] == 4
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"assertion failed: \[-1 2 3...\]"):
            sess.run(guarded, {x: [-1.0, 2.0, 3.0, 4.0]})
    assert capsys.readouterr().err == "x is [1 2 3...][4]\n"


def test_a_tensor_keeps_its_graph() -> None:
    def made() -> tf.Tensor:
        with tf.Graph().as_default():
            return tf.constant(2.0, name="c") * 3.0

    t = made()
    assert t.graph.get_operation_by_name("c").type == "Const" and t.name == "mul:0"
    with tf.Session(graph=t.graph) as sess:
        assert sess.run(t) == 6


# As TensorFlow 1.15.5 answers.
DEVICES: list[tuple[tuple, str]] = [
    (("/job:ps", "/gpu:0"), "/job:ps/device:GPU:0"), (("/gpu:0", "/job:ps"), "/job:ps/device:GPU:0"),
    (("/gpu:0", "/cpu:0"), "/device:CPU:0"), (("/gpu:0", None), ""), (("/gpu:0", ""), "/device:GPU:0"), (("gpu:1",), "/device:GPU:1"),
    (("GPU",), "/device:GPU:*"), (("/job:worker/replica:0/task:3", lambda n: "/gpu:2"), "/job:worker/replica:0/task:3/device:GPU:2"),
    ((lambda n: "/gpu:2", "/job:a"), "/gpu:2"), (("/job:a", lambda n: "/job:b" if n.type == "Const" else ""), "/job:b"),
    (("/job:a", lambda n: n.device), "/job:a"),
]  # fmt: skip


@pytest.mark.parametrize("scopes, device", DEVICES)
def test_devices_merge_as_tensorflow_merges_them(scopes: tuple, device: str) -> None:
    with tf.Graph().as_default(), contextlib.ExitStack() as stack:
        for scope in scopes:
            stack.enter_context(tf.device(scope))
        assert tf.constant(1.0).device == device


@pytest.mark.parametrize("device", ["/gpu:0", "/cpu:1", "/job:ps/task:0"])
def test_a_missing_device_is_refused_by_the_run_that_needs_it(device: str) -> None:
    with tf.Graph().as_default():
        with tf.device(device):
            v = tf.Variable([1.0, 2.0], name="v")
            y = tf.add(v, 1.0, name="y")
        z = tf.constant(3.0) + 1
        with tf.Session() as sess:
            assert sess.run(z) == 4
            with pytest.raises(tf.errors.InvalidArgumentError, match="^Cannot assign a device for operation v"):
                sess.run(v.initializer)
        with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
            sess.run(v.initializer)
            assert sess.run(y).tolist() == [2, 3]


@pytest.mark.parametrize("device, text", [("abacus", "Unknown attribute: 'abacus'"), ("/foo:0", "Unknown attribute: 'foo'")])
def test_what_names_no_device_is_refused(device: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        with tf.device(device):
            pass
