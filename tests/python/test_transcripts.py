"""Sessions recorded from PyTorch, run on the torch face; every example is a test."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from transcript import FOLDER, Example, matches, namespace_of, read, run

import twofold.torch as torch

TRANSCRIPTS = [read(path) for path in sorted(FOLDER.glob("*.txt"))]


@functools.cache
def session(path: Path) -> dict[int, str]:
    """What every example of a transcript came to, by its line; all are run in one go."""
    namespace = namespace_of(torch)
    return {example.line: run(example, namespace) for example in read(path).examples}


@pytest.mark.parametrize(
    "transcript, example",
    [pytest.param(t, e, id=f"{t.path.stem}:{e.line}") for t in TRANSCRIPTS for e in t.examples],
)
def test_example(transcript: Any, example: Example) -> None:
    found = session(transcript.path)[example.line]
    expected = example.expected if example.ours is None else example.ours
    assert matches(expected, found), f"{example.code}\n{found}\nexpected\n{expected}"
