"""What the tutorial claims of the two frameworks: that it can be seen here, or the error that says what is missing.

Numbers are those of the project's list of claims.
"""

from __future__ import annotations

import numpy as np
import pytest

import twofold.tensorflow as tf
import twofold.torch as torch
from twofold.torch.autograd import Variable


def test_k01_a_graph_is_defined_once_and_run_repeatedly() -> None:
    x = tf.placeholder(tf.float32, [])
    y = x * 2.0
    graph = tf.get_default_graph()
    graph.finalize()
    version = graph.version
    with tf.Session() as sess:
        assert [sess.run(y, {x: k}) for k in range(3)] == [0, 2, 4]
    assert graph.version == version


def test_k02_k03_it_is_optimised_up_front_and_a_plan_is_kept() -> None:
    x = tf.placeholder(tf.float32, [2])
    unused = tf.exp(x)  # noqa: F841
    y = tf.tanh(x) * tf.tanh(x) + tf.constant([1.0, 2.0]) * tf.constant([3.0, 4.0])
    with tf.Session() as sess:
        for _ in range(5):
            sess.run(y, {x: [1.0, 2.0]})
        stats = sess._core.stats()
    assert stats["runs"] == 5 and stats["plans"] == 1
    assert stats["pruned"] > 0 and stats["folded"] > 0 and stats["merged"] > 0


def test_k04_a_different_computation_for_each_data_point_in_a_graph() -> None:
    n = tf.placeholder(tf.int32, [])
    _, doubled = tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, v * 2), (0, tf.constant(1)))
    with tf.Session() as sess:
        assert [int(sess.run(doubled, {n: k})) for k in (0, 3, 5)] == [1, 8, 32]


def test_k05_tfdbg_is_not_there_and_pdb_is_not_needed() -> None:
    with pytest.raises(ModuleNotFoundError):
        import twofold.tensorflow.python.debug  # noqa: F401


def test_k06_every_forward_makes_a_new_graph() -> None:
    x = torch.ones(1, requires_grad=True)
    assert (x * 2).grad_fn != (x * 2).grad_fn


def test_k07_variables_change_and_constants_do_not() -> None:
    with pytest.raises(AttributeError):
        tf.constant(1).assign(2)
    with pytest.raises(TypeError, match="'Tensor' object does not support item assignment"):
        tf.constant([1])[0] = 2


def test_k08_both_spellings_of_an_autograd_tensor() -> None:
    a, b = Variable(torch.ones(1), requires_grad=True), torch.ones(1, requires_grad=True)
    (a * 2 + b).sum().backward()
    assert a.grad.item() == 2 and b.grad.item() == 1


def test_k09_k10_a_variable_is_no_tensor_by_class_but_every_operation_takes_it() -> None:
    v = tf.Variable([1.0, 4.0])
    assert not isinstance(v, tf.Tensor)
    taken = [tf.sqrt(v), v + v, tf.reduce_sum(v), tf.matmul([v], [[1.0], [1.0]]), tf.concat([v, v], 0), tf.stack([v]), v[0]]
    assert all(isinstance(t, tf.Tensor) for t in taken)


def test_k11_zeros_and_ones_are_tensors() -> None:
    assert isinstance(tf.zeros([10, 512, 256, 3]), tf.Tensor) and isinstance(tf.ones([1]), tf.Tensor)


def test_k12_dtype_and_shape_have_defaults() -> None:
    assert tf.zeros([1]).dtype == tf.float32 and tf.placeholder(tf.float32).shape.ndims is None


def test_k13_torch_has_no_placeholder() -> None:
    for name in ("placeholder", "constant"):
        with pytest.raises(AttributeError, match=f"module 'torch' has no attribute '{name}'"):
            getattr(torch, name)


def test_k14_a_variable_may_be_fed_for_one_run() -> None:
    v = tf.Variable(1.0)
    y = v * 2.0 + v.value()
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(y, {v: 5.0}) == 15 and sess.run(y) == 3 and sess.run(v) == 1


def test_k15_variables_live_outside_runs_and_parameter_servers_are_refused() -> None:
    v = tf.Variable(1.0)
    add = v.assign_add(1.0)
    with tf.Session() as sess:
        sess.run(v.initializer)
        sess.run(add)
        assert sess.run(v) == 2
    with tf.device("/job:ps/task:0"):
        assert tf.Variable(1.0).device == "/job:ps/task:0"
    with pytest.raises(tf.errors.UnimplementedError, match="running on other machines is not supported yet"):
        tf.Session("grpc://localhost:2222")


def test_k16_variables_are_initialised_before_they_are_read() -> None:
    v = tf.Variable(1.0, name="cat")
    with tf.Session() as sess:
        with pytest.raises(tf.errors.FailedPreconditionError, match="Attempting to use uninitialized value cat"):
            sess.run(v)
        v.load(3.0, sess)
        assert sess.run(v) == 3


def test_k17_the_second_position_of_a_variable_is_trainable() -> None:
    with pytest.warns(UserWarning, match="position 2 is `trainable`"):
        v = tf.Variable([[7], [11]], tf.int16, name="cat")
    assert v.dtype.base_dtype == tf.int32 and v.trainable


def test_k18_constants_stand_in_the_graph() -> None:
    c = tf.constant([1, 2], shape=[4])
    with tf.Session() as first, tf.Session() as second:
        assert first.run(c).tolist() == second.run(c).tolist() == [1, 2, 2, 2]


def test_k19_a_placeholder_is_fed_by_run_eval_and_operation_run() -> None:
    p, v = tf.placeholder(tf.float32, [2, 2]), tf.Variable(tf.zeros([2, 2]))
    fill = tf.group(v.assign(p))
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed a value for placeholder tensor"):
            sess.run(p)
        ones = {p: np.ones((2, 2))}
        assert sess.run(p, feed_dict=ones).sum() == p.eval(feed_dict=ones).sum() == 4
        fill.run(feed_dict=ones)
        assert sess.run(v).sum() == 4


def test_k20_the_constructor_fixes_the_dtype() -> None:
    assert torch.LongTensor([1.7]).tolist() == [1] and torch.DoubleTensor([1]).dtype is torch.float64


def test_k21_the_cuda_prefix_asks_for_a_gpu() -> None:
    assert not torch.cuda.is_available()
    with pytest.raises(TypeError, match="type torch.cuda.HalfTensor not available"):
        torch.cuda.HalfTensor([1])


def test_k22_k23_k24_data_grad_and_grad_fn() -> None:
    x = Variable(torch.ones(2), requires_grad=True)
    assert x.data.tolist() == [1, 1] and x.grad is None and x.grad_fn is None
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'creator'"):
        x.creator  # noqa: B018
    y = x * 2
    assert y.grad_fn.name() == "MulBackward0"  # during the forward pass
    assert y.mean().grad_fn.next_functions[0][0] == y.grad_fn


def test_k25_default_dtypes() -> None:
    assert tf.constant(1.0).dtype == tf.float32 and tf.convert_to_tensor(np.zeros(2)).dtype == tf.float64


def test_k26_evaluation_gives_numpy() -> None:
    with tf.Session() as sess:
        assert type(sess.run(tf.zeros([2]))) is np.ndarray and type(sess.run(tf.constant(1))) is np.int32


def test_k27_k28_numpy_shares_memory_and_wants_detached_tensors() -> None:
    array = np.zeros(2)
    torch.from_numpy(array)[0] = 5
    assert array[0] == 5
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        torch.ones(1, requires_grad=True).numpy()
    assert Variable(torch.ones(1), requires_grad=True).data.numpy().tolist() == [1]


def test_k29_k30_printing() -> None:
    assert str(tf.rank(tf.zeros([1]))) == 'Tensor("Rank:0", shape=(), dtype=int32)'
    torch.set_printoptions(profile="legacy")
    assert str(torch.LongTensor([[1, 2, 3], [4, 5, 6]])) == "\n 1  2  3\n 4  5  6\n[torch.LongTensor of size 2x3]\n"


def test_k31_size_is_a_tuple() -> None:
    assert isinstance(torch.ones(2, 3).size(), tuple) and list(torch.ones(2, 3).size()) == [2, 3]


def test_k32_minus_one_infers_a_dimension() -> None:
    assert tf.reshape(tf.ones([2, 3, 4]), [2, 2, -1]).shape.as_list() == [2, 2, 6]
    assert torch.ones(2, 3, 4).view(2, 2, -1).shape == (2, 2, 6)
    with pytest.raises(RuntimeError, match="only one dimension can be inferred"):
        torch.ones(4).view(-1, -1)


def test_k33_dtypes_are_converted_towards_zero() -> None:
    with tf.Session() as sess:
        for cast, kind in ((tf.to_int32, "int32"), (tf.to_int64, "int64"), (tf.to_float, "float32"), (tf.to_double, "float64")):
            assert sess.run(cast([1.7, -1.7])).dtype == kind
        assert sess.run(tf.cast([1.7, -1.7], tf.int32)).tolist() == [1, -1]
    t = torch.tensor([1.7, -1.7])
    assert t.long().tolist() == t.type(torch.LongTensor).tolist() == t.type("torch.LongTensor").tolist() == [1, -1]
    assert t.to(torch.int32).type_as(t).dtype is torch.float32


def test_k34_k35_k36_get_variable() -> None:
    v = tf.get_variable("v", [3, 2])
    assert v.dtype.base_dtype == tf.float32
    with pytest.raises(ValueError, match="Variable v already exists, disallowed."):
        tf.get_variable("v", [3, 2])
    assert [tf.Variable(1, name="cat").name for _ in range(3)] == ["cat:0", "cat_1:0", "cat_2:0"]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert np.abs(sess.run(v)).max() <= np.sqrt(6 / 5)  # Glorot's bound


def test_k37_k38_graphs() -> None:
    g = tf.Graph()
    with g.as_default():
        c = tf.constant(1.0, name="c")
    assert tf.get_default_graph() is not g and g.get_tensor_by_name("c:0") is c.op.outputs[0]
    with pytest.raises(ValueError, match="must be from the same graph"):
        c + tf.constant(1.0)
    g.add_to_collection("mine", c)
    assert g.get_collection("mine") == [c] and tf.get_collection("mine") == []
    keys = [k for k in dir(tf.GraphKeys) if k.isupper()]
    assert len(keys) >= 32


def test_k39_a_constant_holds_what_it_was_given_and_nothing_else() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'value'"):
        tf.constant()
    with tf.Session() as sess:
        assert sess.run(tf.constant(41.5)) == 41.5


def test_k40_k41_sessions() -> None:
    with pytest.raises(TypeError, match="target must be a string, but got <class 'int'>"):
        tf.Session(1)
    with pytest.raises(TypeError, match="config must be a tf.ConfigProto"):
        tf.Session(config=3)
    with tf.Session() as sess:  # before the operations, or between them
        x = tf.constant(1)
        assert sess.run(x) == 1
        assert sess.run(x + 1) == 2


def test_k42_interactive_sessions() -> None:
    sess = tf.InteractiveSession()
    assert tf.constant(3).eval() == 3
    sess.close()
    with pytest.raises(ValueError, match="No default session is registered"):
        tf.constant(3).eval()


def test_k43_k44_torch_needs_neither_graph_nor_session() -> None:
    a = Variable(torch.ones(1, 2), requires_grad=True)
    c = a @ torch.ones(2, 1)
    c.backward(retain_graph=True)
    c.backward()
    assert a.grad.tolist() == [[2, 2]]


def test_k45_repeated_torch_code_can_run_as_a_graph() -> None:
    net = torch.nn.Linear(2, 1)
    x = tf.placeholder(tf.float32, [None, 2])
    y = net(x)
    data = np.ones((3, 2), np.float32)
    with tf.Session() as sess:
        first = sess.run(y, {x: data})
        assert sess.run(y, {x: data}).tolist() == first.tolist() == net(torch.from_numpy(data)).tolist()
        assert sess._core.stats()["plans"] == 1
