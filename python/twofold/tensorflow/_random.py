"""Random operations: one stream per operation, from the graph's seed and the operation's."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import _dtypes
from twofold.tensorflow._array import sizes_argument
from twofold.tensorflow._dtypes import DType, as_dtype
from twofold.tensorflow._graph import get_default_graph
from twofold.tensorflow._op import ROWS, Steps, operation, scope_of
from twofold.tensorflow._sizes import Told
from twofold.tensorflow._tensor import Tensor, convert

DEFAULT_GRAPH_SEED = 87654321
LARGEST_SEED = 2**31 - 1  # TensorFlow takes seeds modulo this


def set_random_seed(seed: int) -> None:
    """The graph's seed: operations without one of their own then draw the same numbers in every program run."""
    get_default_graph().seed = None if seed is None else int(seed)


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """(graph seed, operation seed) as TensorFlow 1 pairs them: an operation without a seed takes the number of
    operations that its graph has so far."""
    graph = get_default_graph()
    if graph.seed is None and op_seed is None:
        return None, None
    first = DEFAULT_GRAPH_SEED if graph.seed is None else graph.seed
    second = graph.version if op_seed is None else op_seed
    seeds = first % LARGEST_SEED, second % LARGEST_SEED
    # (0, 0) would mean no seed at all.
    return (0, LARGEST_SEED) if seeds == (0, 0) else seeds


def generator(op_seed: int | None) -> _core.Generator:
    """The stream of an operation; without any seed, one from the operating system."""
    return stream_of(*get_seed(op_seed))


def stream_of(first: int | None, second: int | None) -> _core.Generator:
    if first is None or second is None:
        return _core.Generator(int.from_bytes(os.urandom(8), "little"), 0)
    return _core.Generator.per_session(first, second)


def _told(seeds: tuple[int | None, int | None]) -> dict[str, int]:
    return {"seed": seeds[0] or 0, "seed2": seeds[1] or 0}


def _draws(row: str, kind: str, node_input: Any, sizes: list[int] | Told, dtype: DType, seed: int | None) -> Tensor:
    seeds = get_seed(seed)
    stream = stream_of(*seeds)

    def compute(step: Steps) -> Tensor:
        if not isinstance(sizes, Told):
            return step(row, shape=sizes, dtype=dtype._name, generator=stream)
        zero = step.constant(np.zeros(()), dtype)
        return step(f"{row}_like", step("expand_to", zero, sizes.tensor, hint=sizes.hint), generator=stream)

    with scope_of(kind, kind) as scope:
        return operation(kind, scope, [node_input], compute, **_told(seeds)).outputs[0]


def _scaled(draws: Tensor, factor: Tensor, offset: Tensor, scope: str) -> Tensor:
    """draws * factor + offset."""
    with scope_of("mul", "mul", [draws]) as inner:
        scaled = ROWS["multiply"](draws, factor, name=inner)
    return ROWS["add"](scaled, offset, name=scope)


def random_uniform(shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = _dtypes.float32, seed: int | None = None,
                   name: str | None = None) -> Tensor:  # fmt: skip
    """Uniform in [minval, maxval)."""
    kind = as_dtype(dtype)
    if maxval is None:
        if kind.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {kind!r}")
        maxval = 1
    with scope_of(name, "random_uniform", [shape, minval, maxval]) as scope:
        node_input, sizes = sizes_argument(shape, "shape")
        low, high = convert(minval, kind, name="min"), convert(maxval, kind, name="max")
        if kind.is_integer:
            return _integers(scope, node_input, sizes, low, high, seed)
        draws = _draws("uniform", "RandomUniform", node_input, sizes, kind, seed)
        with scope_of("sub", "sub") as inner:
            width = ROWS["subtract"](high, low, name=inner)
        return _scaled(draws, width, low, scope)


def _integers(scope: str, node_input: Any, sizes: Any, low: Tensor, high: Tensor, seed: int | None) -> Tensor:
    from twofold.tensorflow._sizes import constant_value

    bounds = [constant_value(b) for b in (low, high)]
    if isinstance(sizes, Told) or None in [b if b is None else 0 for b in bounds]:
        raise NotImplementedError("random integers of a shape or with bounds that only a run knows are not supported yet")
    seeds = get_seed(seed)
    attrs = {"shape": sizes, "low": int(bounds[0]), "high": int(bounds[1]), "dtype": low.dtype._name, "generator": stream_of(*seeds)}
    made = operation("RandomUniformInt", scope, [node_input, low, high], lambda step: step("random_integers", **attrs), **_told(seeds))
    return made.outputs[0]


def _normal(row: str, kind: str, default: str) -> Any:
    def function(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = _dtypes.float32, seed: int | None = None,
                 name: str | None = None) -> Tensor:  # fmt: skip
        of = as_dtype(dtype)
        with scope_of(name, default, [shape, mean, stddev]) as scope:
            node_input, sizes = sizes_argument(shape, "shape")
            center, width = convert(mean, of, name="mean"), convert(stddev, of, name="stddev")
            return _scaled(_draws(row, kind, node_input, sizes, of, seed), width, center, scope)

    return function


random_normal = _normal("normal", "RandomStandardNormal", "random_normal")
random_normal.__doc__ = "Normal draws of this mean and standard deviation."
truncated_normal = _normal("truncated_normal", "TruncatedNormal", "truncated_normal")
truncated_normal.__doc__ = "Normal draws; those beyond two standard deviations are drawn again."


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """The slices along the first dimension in a random order."""
    with scope_of(name, "RandomShuffle", [value]) as scope:
        source, seeds = convert(value, name="value"), get_seed(seed)
        stream = stream_of(*seeds)
        made = operation("RandomShuffle", scope, [source], lambda step: step("shuffle", source, generator=stream), **_told(seeds))
        return made.outputs[0]
