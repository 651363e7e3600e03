"""Where the tutorial is, and a default graph of its own for every test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def spec() -> Path:
    """The tutorial's text, which is not part of this repository."""
    path = Path(os.environ.get("TWOFOLD_SPEC", ROOT.parent / "shared/spec/tensorflow-vs-pytorch.md"))
    if not path.is_file():
        pytest.skip(f"the tutorial is not here: {path.name}; set TWOFOLD_SPEC to its path")
    return path


@pytest.fixture(autouse=True)
def fresh_graph() -> Iterator[None]:
    import twofold.tensorflow as tf
    import twofold.torch as torch

    tf.reset_default_graph()
    torch.set_printoptions(profile="default")
    torch.manual_seed(0)
    yield
    session = tf.get_default_session()
    while session is not None:
        session.close()
        session = tf.get_default_session()
