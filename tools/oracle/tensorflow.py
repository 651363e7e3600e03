"""TensorFlow's half: every section of the report."""

from __future__ import annotations

from pathlib import Path

from oracle.report import Report
from oracle.samples import read_samples
from oracle.tensorflow_rows import compare_rows
from oracle.tensorflow_side import VERSION


def report(folder: Path) -> Report:
    samples, made = read_samples(folder), Report(f"The TensorFlow face against TensorFlow {VERSION}'s compat.v1")
    compare_rows(made.section("Rows"), samples)
    return made
