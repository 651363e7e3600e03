"""tf.compat.v1: the same face under TensorFlow 2's name for it."""

from __future__ import annotations

from typing import Any

import twofold.tensorflow as _face
from twofold.tensorflow import *  # noqa: F403


def disable_v2_behavior() -> None:
    """Nothing to do: this face has TensorFlow 1's behaviour only."""


disable_eager_execution = enable_resource_variables = disable_v2_tensorshape = disable_v2_behavior


def __getattr__(name: str) -> Any:
    return getattr(_face, name)
