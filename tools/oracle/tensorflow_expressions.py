"""Functions of the face that are more than a row: expressions of a few operands, evaluated on both sides as the rows are."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from oracle.report import Section
from oracle.samples import Operand, Sample
from oracle.tensorflow_rows import compare
from oracle.tensorflow_side import Side

RANDOM = np.random.RandomState(5)
OPERANDS = {
    "x": RANDOM.uniform(-2, 2, (3, 4)).astype(np.float32), "y": RANDOM.uniform(0.1, 2, (3, 4)).astype(np.float32),
    "v": RANDOM.uniform(-2, 2, 4), "w": RANDOM.uniform(-2, 2, (4, 2)).astype(np.float32), "t": RANDOM.uniform(-2, 2, (2, 3, 4)),
    "z": RANDOM.uniform(-2, 2, (1, 3, 1)).astype(np.float32), "b": RANDOM.uniform(-1, 1, (3, 4)) > 0, "c": np.array([True, False, True]),
    "i": np.array([2, 0, 2], np.int32), "j": np.array([[0, 1], [2, 3]], np.int32), "k": np.array([1, 3, 0], np.int64),
    "n": RANDOM.randint(-9, 9, (3, 4)).astype(np.int32), "s": np.array(1.5, np.float32), "p": RANDOM.dirichlet(np.ones(4), 3).astype(np.float32),
}  # fmt: skip
EXPRESSIONS = """
tf.concat([x, y], 0)
tf.concat([x, y, x], axis=-1)
tf.stack([x, y])
tf.stack([x, y], axis=-1)
tf.unstack(x)
tf.unstack(x, axis=1)
tf.split(x, 2, 1)
tf.split(x, [1, 2], 0)
tf.reshape(x, [-1])
tf.reshape(x, [2, -1, 3])
tf.reshape(x, tf.shape(w)[:1] * 3)
tf.transpose(t)
tf.transpose(t, [1, 0, 2])
tf.expand_dims(x, 1)
tf.squeeze(z)
tf.squeeze(z, [0])
tf.tile(x, [2, 1])
tf.pad(x, [[1, 0], [0, 2]])
tf.pad(x, [[1, 1], [2, 2]], 'REFLECT')
tf.slice(t, [0, 1, 0], [2, -1, 3])
x[1]
x[:, ::2]
x[..., None, 1:-1]
x[::-1, 1]
t[1, :, ::-2]
tf.gather(x, i)
tf.gather(x, j, axis=1)
tf.gather_nd(x, j)
tf.boolean_mask(x, b)
tf.boolean_mask(x, c)
tf.where(b, x, y)
tf.where(c, x, y)
tf.where(b)
tf.one_hot(i, 4)
tf.one_hot(j, 5, on_value=2.0, off_value=-1.0, axis=0)
tf.sequence_mask(i, 4)
tf.scatter_nd(i[:, None], x, [4, 4])
tf.dynamic_partition(x, i, 3)
tf.dynamic_stitch([[0, 2], [1]], [x[:2], x[2:]])
tf.reverse(x, [1])
tf.reverse_sequence(x, k, 1, batch_axis=0)
tf.roll(x, [1, -1], [0, 1])
tf.zeros_like(x)
tf.ones_like(n)
tf.fill([2, 3], s)
tf.range(3, 18, 4)
tf.range(s)
tf.linspace(0.0, s, 4)
tf.eye(3, 4)
tf.diag(v)
tf.matrix_diag(x)
tf.matrix_diag_part(t)
tf.matrix_band_part(t, 1, 0)
tf.trace(t)
tf.cast(x, tf.int32)
tf.cast(b, tf.float32) * y
tf.to_float(n)
tf.saturate_cast(x * 200, tf.uint8)
tf.shape(t)
tf.size(t)
tf.rank(t)
tf.add_n([x, y, x])
tf.matmul(x, w)
tf.matmul(x, y, transpose_b=True)
tf.matmul(t, t, transpose_a=True)
tf.tensordot(x, w, 1)
tf.tensordot(t, t, [[0, 2], [0, 2]])
tf.einsum('ij,jk->ik', x, w)
tf.einsum('bij,bkj->bik', t, t)
x + y * 2.0 - 1.0 / y
x / y
n // 4
n % 4
-x
abs(x)
x ** 2
tf.pow(y, x)
n / 4
x > y
tf.logical_xor(b, x > 0)
tf.div(x, y)
tf.div(n, 4)
tf.div_no_nan(x, tf.nn.relu(x))
tf.floordiv(x, y)
tf.mod(x, y)
tf.maximum(x, 0.5)
tf.minimum(x, y)
tf.clip_by_value(x, -1.0, 0.5)
tf.clip_by_norm(x, 1.0)
tf.clip_by_norm(x, 1.0, axes=[1])
tf.clip_by_average_norm(x, 0.1)
tf.clip_by_global_norm([x, y], 1.5)
tf.global_norm([x, y])
tf.norm(x)
tf.norm(x, ord=1, axis=1)
tf.reduce_sum(x)
tf.reduce_sum(t, [0, 2])
tf.reduce_mean(t, 1, keepdims=True)
tf.reduce_mean(n)
tf.reduce_max(x, 1)
tf.reduce_min(x)
tf.reduce_prod(x, 0)
tf.reduce_all(b, 1)
tf.reduce_any(b)
tf.reduce_logsumexp(x, 1)
tf.count_nonzero(n)
tf.argmax(x, 1)
tf.argmin(x, output_type=tf.int32)
tf.cumsum(x, 1)
tf.cumsum(x, exclusive=True, reverse=True)
tf.cumprod(y, 1)
tf.nn.top_k(x, 2)
tf.nn.in_top_k(x, i, 2)
tf.sort(x, direction='DESCENDING')
tf.argsort(x, axis=0)
tf.unique(i)
tf.segment_sum(x, [0, 0, 1])
tf.unsorted_segment_sum(x, i, 3)
tf.nn.relu(x)
tf.nn.relu6(x * 5)
tf.nn.elu(x)
tf.nn.selu(x)
tf.nn.leaky_relu(x)
tf.nn.crelu(x)
tf.nn.softplus(x)
tf.nn.softsign(x)
tf.nn.softmax(x)
tf.nn.softmax(t, axis=1)
tf.nn.log_softmax(x)
tf.nn.bias_add(x, tf.cast(v, tf.float32))
tf.nn.xw_plus_b(x, w, [0.5, -0.5])
tf.nn.l2_loss(x)
tf.nn.l2_normalize(x, 1)
tf.nn.moments(x, [0])
tf.nn.moments(x, [0, 1], keep_dims=True)
tf.nn.batch_normalization(x, 0.1, 2.0, 0.3, 1.5, 1e-3)
tf.nn.sparse_softmax_cross_entropy_with_logits(labels=i, logits=x)
tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x)
tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x)
tf.nn.sigmoid_cross_entropy_with_logits(labels=p, logits=x)
tf.nn.weighted_cross_entropy_with_logits(p, x, 2.0)
tf.nn.log_poisson_loss(y, x)
tf.nn.embedding_lookup(w, j)
tf.nn.zero_fraction(tf.nn.relu(x))
tf.losses.mean_squared_error(y, x)
tf.losses.absolute_difference(y, x, weights=[[1.0], [0.0], [2.0]])
tf.losses.huber_loss(y, x)
tf.losses.log_loss(tf.round(p), p)
tf.losses.hinge_loss(tf.round(p), x)
tf.losses.cosine_distance(tf.nn.l2_normalize(x, 1), tf.nn.l2_normalize(y, 1), axis=1)
tf.losses.sigmoid_cross_entropy(tf.round(p), x, label_smoothing=0.1)
tf.losses.softmax_cross_entropy(tf.one_hot(i, 4), x)
tf.losses.sparse_softmax_cross_entropy(i, x, weights=[1.0, 0.0, 3.0])
tf.cond(s > 0, lambda: x * 2, lambda: y)
tf.cond(s < 0, lambda: (x, y), lambda: (y, x * s))
tf.case([(s < 0, lambda: x), (s > 1, lambda: x * y)], default=lambda: y)
tf.while_loop(lambda a, r: a < 3, lambda a, r: (a + 1, r * y), [0, x])
tf.while_loop(lambda r: tf.reduce_sum(r) < 50, lambda r: [r + y], [y])
tf.map_fn(lambda r: r * r, x)
tf.scan(lambda a, r: a * 0.5 + r, x)
tf.foldl(lambda a, r: a + r * a, y)
tf.foldr(lambda a, r: a - r, x)
tf.gradients(tf.reduce_sum(x ** 3 * y), [x, y])
tf.gradients(tf.gradients(tf.reduce_sum(tf.sin(x) * y), x)[0], [x, y])
tf.hessians(tf.reduce_sum(tf.exp(s) * s), s)
tf.gradients(x * y, x, stop_gradients=[y])
tf.stop_gradient(x) * x
tf.py_func(lambda a: a * 2, [x], tf.float32)
tf.identity(x)
tf.identity_n([x, n])
tf.tuple([x, n])
tf.meshgrid([1, 2, 3], [4, 5])
tf.confusion_matrix(i, k)
tf.bincount(i)
tf.histogram_fixed_width(x, [-2.0, 2.0], 5)
tf.math.reduce_std(x, 1)
tf.math.reduce_variance(x)
tf.math.polyval([x, 1.0, 2.0], y)
tf.math.xlogy(x, y)
tf.squared_difference(x, y)
tf.accumulate_n([x, y])
tf.broadcast_to(x, [2, 3, 4])
tf.broadcast_static_shape(x.shape, x.shape)
tf.invert_permutation(tf.constant([2, 0, 1]))
tf.convert_to_tensor([x, y])
tf.reduce_sum(tf.constant([[1.0, 2.0], [3.0, 4.0]], shape=[2, 3]))
tf.concat([x, w], 0)
tf.matmul(x, y)
x + w
tf.reshape(x, [5])
tf.stack([x, w])
tf.split(x, 3, 1)
tf.gather(x, [7])
tf.add(x, n)
tf.nn.bias_add(x, [1.0])
tf.where(b, x, w)
tf.nn.sparse_softmax_cross_entropy_with_logits(labels=x, logits=x)
tf.cond(s, lambda: x, lambda: y)
tf.cond(s > 0, lambda: x, lambda: n)
tf.while_loop(lambda r: r, lambda r: r, [x])
tf.check_numerics(x / 0.0, 'infinite')
tf.ones([2, 3])[3]
tf.range(0, 5, 0)
tf.expand_dims(x, 5)
tf.transpose(x, [0, 0])
tf.nn.top_k(x, 9)
tf.reduce_sum(x, 2)
tf.assert_equal(x, y)
""".strip().splitlines()


def sample_of(number: int, code: str) -> Sample:
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    operands = [Operand(n, str(a.dtype), a) for n, a in OPERANDS.items() if n in names]
    return Sample(code, number, code, operands, {}, None)


def evaluate(side: Side, sample: Sample, operands: list[Any]) -> list[Any]:
    names = {o.parameter: t for o, t in zip(sample.operands, operands)}
    made = eval(sample.row, {"tf": side.module, **names})
    return list(made) if isinstance(made, (tuple, list)) and not hasattr(made, "op") else [made]


def compare_expressions(section: Section) -> None:
    for number, code in section.each(enumerate(EXPRESSIONS)):
        compare(section, sample_of(number, code), evaluate)
