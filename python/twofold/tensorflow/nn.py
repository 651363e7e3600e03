"""tf.nn: activations, losses, dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from twofold.tensorflow import _random
from twofold.tensorflow._ops import ROWS, apply, argmax, cast, identity, operands, scalar_name
from twofold.tensorflow._sizes import static_ints
from twofold.tensorflow._tensor import Tensor, constant_named, convert, record, same_graph

globals().update({path.partition(".")[2]: f for path, f in ROWS.items() if path.startswith("nn.")})
sigmoid, tanh = ROWS["sigmoid"], ROWS["tanh"]
_only_named = "Only call `{}` with named arguments (labels=..., logits=..., ...)"


def bias_add(value: Any, bias: Any, data_format: Any = None, name: str | None = None) -> Tensor:
    return apply("add", "bias_add", name, [("value", value), ("bias", bias)], default="BiasAdd")


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    from twofold.tensorflow._ops import matmul

    return bias_add(matmul(x, weights, name=f"{name or 'xw_plus_b'}/MatMul"), biases, name=name or "xw_plus_b")


def l2_loss(t: Any, name: str | None = None) -> Tensor:
    exact = scalar_name(name, "L2Loss")
    source = convert(t)
    core = source.graph._core
    square = core.record("square", [source], {}, f"{exact}/square")[0]
    total = core.record("sum", [square], {}, f"{exact}/sum")[0]
    half = constant_named(source.graph, np.array(0.5, source.dtype._name), f"{exact}/half")
    return source.graph.add(exact, "L2Loss", lambda: core.record("mul", [total, half], {}, exact), [source]).outputs[0]


def relu6(features: Any, name: str | None = None) -> Tensor:
    low = ROWS["nn.relu"](features, name="Relu6/relu")
    return apply("minimum", "relu6", name, [("x", low), ("y", 6)], default="Relu6")


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    source = convert(features)
    slope = apply("mul", "multiply", None, [("x", source), ("y", alpha)], default="LeakyRelu/mul")
    return apply("maximum", "maximum", name, [("x", slope), ("y", source)], default="LeakyRelu")


def softplus(features: Any, name: str | None = None) -> Tensor:
    source = convert(features)
    core, exact = source.graph._core, scalar_name(name, "Softplus")

    def inner(row: str, *inputs: Any) -> Any:
        return core.record(row, list(inputs), {}, f"{exact}/{row}")[0]

    positive, rest = inner("relu", source), inner("log1p", inner("exp", inner("neg", inner("abs", source))))
    return source.graph.add(exact, "Softplus", lambda: core.record("add", [positive, rest], {}, exact), [source]).outputs[0]


def softmax_cross_entropy_with_logits(_sentinel: Any = None, labels: Any = None, logits: Any = None, dim: int = -1,
                                      name: str | None = None, axis: int | None = None) -> Tensor:  # fmt: skip
    """-sum(labels * log_softmax(logits)) for each example; no gradient flows into the labels."""
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(_only_named.format("softmax_cross_entropy_with_logits"))
    return _cross_entropy(ROWS["stop_gradient"](labels), logits, dim if axis is None else axis, name)


def softmax_cross_entropy_with_logits_v2(_sentinel: Any = None, labels: Any = None, logits: Any = None, dim: int = -1,
                                         name: str | None = None, axis: int | None = None) -> Tensor:  # fmt: skip
    """The same, with a gradient for the labels."""
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(_only_named.format("softmax_cross_entropy_with_logits_v2"))
    return _cross_entropy(labels, logits, dim if axis is None else axis, name)


def _cross_entropy(labels: Any, logits: Any, axis: int, name: str | None) -> Tensor:
    exact = scalar_name(name, "softmax_cross_entropy_with_logits")
    y, x = operands("softmax_cross_entropy_with_logits", exact, [("labels", cast_like(labels, logits)), ("logits", logits)])
    core, graph = same_graph([x, y])._core, x.graph
    log = core.record("log_softmax", [x], {"axis": axis}, f"{exact}/log_softmax")[0]
    product = core.record("mul", [y, log], {}, f"{exact}/mul")[0]
    total = core.record("sum", [product], {"axes": [axis]}, f"{exact}/sum")[0]
    kind = "SoftmaxCrossEntropyWithLogits"
    return graph.add(exact, kind, lambda: core.record("neg", [total], {}, exact), [x, y]).outputs[0]


def cast_like(labels: Any, logits: Any) -> Any:
    made = convert(labels, preferred=convert(logits).dtype)
    return made if made.dtype.is_floating else cast(made, convert(logits).dtype)


def sparse_softmax_cross_entropy_with_logits(_sentinel: Any = None, labels: Any = None, logits: Any = None,
                                             name: str | None = None) -> Tensor:  # fmt: skip
    """-log_softmax(logits)[label] for each example."""
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(_only_named.format("sparse_softmax_cross_entropy_with_logits"))
    kind = "SparseSoftmaxCrossEntropyWithLogits"
    exact = f"{scalar_name(name, kind)}/{kind}"
    x, y = convert(logits), convert(labels)
    core, graph = x.graph._core, x.graph
    log = core.record("log_softmax", [x], {"axis": -1}, f"{exact}/log_softmax")[0]
    index = core.record("unsqueeze", [y], {"axis": -1}, f"{exact}/index")[0]
    picked = core.record("gather", [log, index], {"axis": len(x._shape) - 1}, f"{exact}/gather")[0]
    flat = core.record("select", [picked], {"axis": len(x._shape) - 1, "index": 0}, f"{exact}/select")[0]
    return graph.add(exact, kind, lambda: core.record("neg", [flat], {}, exact), [x, y]).outputs[0]


def sigmoid_cross_entropy_with_logits(_sentinel: Any = None, labels: Any = None, logits: Any = None,
                                      name: str | None = None) -> Tensor:  # fmt: skip
    """max(x, 0) - x * z + log(1 + exp(-|x|)): the stable form."""
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(_only_named.format("sigmoid_cross_entropy_with_logits"))
    exact = scalar_name(name, "logistic_loss")
    z, x = operands("logistic_loss", exact, [("labels", labels), ("logits", logits)])
    core = x.graph._core

    def inner(row: str, *inputs: Any) -> Any:
        return core.record(row, list(inputs), {}, f"{exact}/{row}")[0]

    linear = inner("sub", inner("relu", x), inner("mul", x, z))
    rest = inner("log1p", inner("exp", inner("neg", inner("abs", x))))
    return x.graph.add(exact, "Add", lambda: core.record("add", [linear, rest], {}, exact), [x, z]).outputs[0]


def dropout(x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: int | None = None, name: str | None = None,
            rate: Any = None) -> Tensor:  # fmt: skip
    """Keeps each element with probability keep_prob, divided by it; zeroes the others."""
    if keep_prob is None and rate is None:
        raise ValueError("You must provide a rate to dropout.")
    source = convert(x)
    keep = 1 - rate if keep_prob is None else keep_prob
    if isinstance(keep, (int, float)):
        if not 0 < keep <= 1:
            raise ValueError(f"keep_prob must be a scalar tensor or a float in the range (0, 1], got {keep:g}")
        if keep == 1:
            return source
    graph, exact = source.graph, scalar_name(name, "dropout")
    core = graph._core
    number = isinstance(keep, (int, float))
    kept = constant_named(graph, np.array(keep, source.dtype._name), f"{exact}/keep_prob") if number else convert(keep, source.dtype)
    draws = core.record("uniform_like", [source], {"generator": _random.generator(seed)}, f"{exact}/random_uniform")[0]
    mask = core.record("cast", [core.record("lt", [draws, kept], {}, f"{exact}/keep")[0]], {"dtype": source.dtype._name}, f"{exact}/mask")[0]
    scaled = core.record("div", [source, kept], {}, f"{exact}/div")[0]
    return graph.add(exact, "Mul", lambda: core.record("mul", [scaled, mask], {}, exact), [source]).outputs[0]


def moments(x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: bool = False) -> tuple[Tensor, Tensor]:
    """(mean, variance) over `axes`; the variance divides by the count."""
    source, over = convert(x), static_ints(axes)
    mean = ROWS["reduce_mean"](source, over, keep_dims, name=f"{name or 'moments'}/mean")
    attrs = {"axes": over, "correction": 0, "keepdims": keep_dims}
    return mean, record("var", "Var", [source], attrs, scalar_name(f"{name or 'moments'}/variance", "variance"))


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Tensor:
    source = convert(x)
    total = ROWS["reduce_sum"](ROWS["square"](source), dim if axis is None else axis, True)
    return ROWS["multiply"](source, ROWS["rsqrt"](ROWS["maximum"](total, epsilon)), name=name or "l2_normalize")


def embedding_lookup(params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None, **_: Any) -> Tensor:
    from twofold.tensorflow._ops import gather

    return gather(params, ids, name=name or "embedding_lookup")


def in_top_k(predictions: Any, targets: Any, k: int, name: str | None = None) -> Tensor:
    if k != 1:
        raise NotImplementedError("in_top_k with k > 1 is not supported yet")
    found = argmax(predictions, 1)
    return identity(ROWS["equal"](found, cast(targets, found.dtype)), name or "InTopK")
