"""What TensorFlow 1.15 refuses is refused with the same class and TensorFlow's own words first (tools/record_tensorflow.py)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import twofold.tensorflow as tf

REFUSALS = json.loads((Path(__file__).parent / "recorded/refusals.json").read_text())


@pytest.mark.parametrize("refusal", REFUSALS, ids=[r["code"] for r in REFUSALS])
def test_a_refusal(refusal: dict) -> None:
    kind = getattr(tf.errors, refusal["class"], None) or getattr(__import__("builtins"), refusal["class"])
    p = tf.placeholder(tf.float32, [2, 2], name="p")
    with tf.Session() as s, pytest.raises(kind) as error:
        exec(refusal["code"].replace("\\n", "\n"), {"tf": tf, "np": np, "p": p, "s": s})
    assert re.sub(r"pyfunc_\d+", "pyfunc", str(error.value)).startswith(refusal["text"])
