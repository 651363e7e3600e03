"""TensorFlow and our face of it behind one handle, so that the same code runs on both.

Ours is imported first: TensorFlow leaves no room for the thread-local storage of libraries that are loaded after it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")
logging.getLogger("tensorflow").setLevel(logging.ERROR)

import numpy as np  # noqa: E402

import twofold.tensorflow as twofold_tensorflow  # noqa: E402
import tensorflow.compat.v1 as tensorflow  # noqa: E402

from oracle.outcomes import Value  # noqa: E402
from oracle.samples import Operand  # noqa: E402

tensorflow.disable_eager_execution()
tensorflow.disable_v2_behavior()


def without_subnormals(values: np.ndarray) -> np.ndarray:
    """TensorFlow takes the smallest numbers for zeros: both are given zeros."""
    if values.dtype.kind != "f":
        return values
    return np.where(np.abs(values) < np.finfo(values.dtype).tiny, np.copysign(values.dtype.type(0), values), values)


class Side:
    def __init__(self, module: Any) -> None:
        self.module = module

    def find(self, path: str) -> Callable[..., Any]:
        """tf.nn.relu from 'nn.relu'."""
        found = self.module
        for part in path.split("."):
            found = getattr(found, part)
        return found

    @contextmanager
    def graph(self, seed: int | None = None) -> Iterator[Any]:
        with self.module.Graph().as_default() as graph:
            self.module.set_random_seed(seed)
            yield graph

    def session(self) -> Any:
        """Without the passes that may compute something else than was written."""
        if self.module is twofold_tensorflow:
            return self.module.Session()
        config = self.module.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        return self.module.Session(config=config)

    def leaf(self, operand: Operand, sizes: Callable[[Sequence[int]], Any] | None) -> tuple[Any, dict]:
        """An operand and what to feed for it: a constant, or a placeholder of which `sizes` are known."""
        m, is_bfloat16 = self.module, operand.dtype == "bfloat16"
        values = without_subnormals(operand.values)
        if sizes is None:
            made, feed = m.constant(values, name=operand.parameter), {}
        else:
            made = m.placeholder(m.as_dtype(values.dtype), sizes(values.shape), name=operand.parameter)
            feed = {made: values}
        return (m.cast(made, m.bfloat16) if is_bfloat16 else made), feed

    def values(self, session: Any, tensors: list[Any], feed: dict) -> list[Value]:
        m = self.module
        plain = [m.cast(t, m.float32) if t.dtype.base_dtype == m.bfloat16 else t for t in tensors]
        names = [t.dtype.base_dtype.name for t in tensors]
        return [Value(n, np.asarray(v)) for n, v in zip(names, session.run(plain, feed))]


THEIRS, OURS = Side(tensorflow), Side(twofold_tensorflow)
VERSION = tensorflow.VERSION
