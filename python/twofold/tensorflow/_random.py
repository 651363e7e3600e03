"""Random operations: one stream per operation, from the graph's seed and the operation's."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import as_dtype
from twofold.tensorflow._graph import get_default_graph
from twofold.tensorflow._ops import scalar_name
from twofold.tensorflow._sizes import Told, filled, sizes_of, static_ints
from twofold.tensorflow._tensor import Tensor, constant_named, convert, record, same_graph

DEFAULT_GRAPH_SEED = 87654321


def set_random_seed(seed: int) -> None:
    """The graph's seed: operations without one of their own then draw the same numbers in every program run."""
    get_default_graph().seed = int(seed)


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """(graph seed, operation seed) as TensorFlow's compat.v1 pairs them: operations without a seed are counted."""
    graph = get_default_graph()
    if graph.seed is not None:
        if op_seed is None:
            op_seed, graph._seeds_given = graph._seeds_given, graph._seeds_given + 1
        return graph.seed, op_seed
    return (None, None) if op_seed is None else (DEFAULT_GRAPH_SEED, op_seed)


def generator(op_seed: int | None) -> _core.Generator:
    """The stream of an operation; without any seed, one from the operating system."""
    first, second = get_seed(op_seed)
    if first is None or second is None:
        return _core.Generator(int.from_bytes(os.urandom(8), "little"), 0)
    return _core.Generator.per_session(first % 2**64, second % 2**64)


def _draw(row: str, op_type: str, name: str, shape: Any, dtype: Any, seed: int | None) -> Tensor:
    sizes = sizes_of(shape, name)
    if isinstance(sizes, Told):
        like = filled(0, dtype, sizes, "Fill", f"{name}/like")
        return record(f"{row}_like", op_type, [like], {"generator": generator(seed)}, name)
    return record(row, op_type, [], {"shape": sizes, "dtype": as_dtype(dtype)._name, "generator": generator(seed)}, name)


def _scaled(draws: Tensor, factor: Any, offset: Any, name: str) -> Tensor:
    """draws * factor + offset, under TensorFlow's names."""
    dtype = draws.dtype
    graph = same_graph([draws])
    scaled = draws
    if not (isinstance(factor, (int, float)) and factor == 1):
        scaled = record("mul", "Mul", [draws, _setting(factor, dtype, f"{name}/stddev")], {}, f"{name}/mul")
    added = [scaled, _setting(offset, dtype, f"{name}/mean")]
    return graph.add(name, "Add", lambda: graph._core.record("add", added, {}, name), added).outputs[0]


def _setting(value: Any, dtype: Any, name: str) -> Tensor:
    """A mean, a bound: a tensor, or a number as a constant of this name."""
    if isinstance(value, (int, float)):
        return constant_named(get_default_graph(), np.array(value, dtype._name), name)
    return convert(value, dtype)


def random_uniform(shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = _dtypes.float32, seed: int | None = None,
                   name: str | None = None) -> Tensor:  # fmt: skip
    """Uniform in [minval, maxval)."""
    exact, kind = scalar_name(name, "random_uniform"), as_dtype(dtype)
    if kind.is_integer:
        if maxval is None:
            raise ValueError("Must specify maxval for integer dtype " + kind.name)
        sizes = static_ints(shape)
        attrs = {"shape": [sizes] if isinstance(sizes, int) else sizes, "low": int(minval), "high": int(maxval),
                 "dtype": kind._name, "generator": generator(seed)}  # fmt: skip
        return record("random_integers", "RandomUniformInt", [], attrs, exact)
    high = 1 if maxval is None else maxval
    draws = _draw("uniform", "RandomUniform", f"{exact}/RandomUniform", shape, kind, seed)
    return _scaled(draws, high - minval, minval, exact)


def random_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = _dtypes.float32, seed: int | None = None,
                  name: str | None = None) -> Tensor:  # fmt: skip
    exact = scalar_name(name, "random_normal")
    draws = _draw("normal", "RandomStandardNormal", f"{exact}/RandomStandardNormal", shape, dtype, seed)
    return _scaled(draws, stddev, mean, exact)


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = _dtypes.float32, seed: int | None = None,
                     name: str | None = None) -> Tensor:  # fmt: skip
    """Normal draws; what lies beyond two standard deviations is drawn again (a few times, then clipped)."""
    exact = scalar_name(name, "truncated_normal")
    graph = get_default_graph()
    draws = _draw("normal", "RandomStandardNormal", f"{exact}/draw", shape, dtype, seed)
    core = graph._core
    for k in range(6):
        again = _draw("normal", "RandomStandardNormal", f"{exact}/draw_{k + 1}", shape, dtype, (seed or 0) + 7919 * (k + 1))
        limit = _setting(2.0, draws.dtype, f"{exact}/limit_{k}")
        outside = core.record("gt", [core.record("abs", [draws], {}, f"{exact}/abs")[0], limit], {}, f"{exact}/outside")[0]
        draws = core.record("where", [outside, again, draws], {}, f"{exact}/chosen")[0]
    two, minus = (_setting(v, draws.dtype, f"{exact}/bound") for v in (2.0, -2.0))
    clipped = core.record("maximum", [core.record("minimum", [draws, two], {}, f"{exact}/min")[0], minus], {}, f"{exact}/max")[0]
    return _scaled(clipped, stddev, mean, exact)
