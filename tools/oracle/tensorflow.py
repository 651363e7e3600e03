"""TensorFlow's half: every section of the report."""

from __future__ import annotations

from pathlib import Path

from oracle.report import Report
from oracle.samples import read_samples
from oracle.tensorflow_expressions import compare_expressions
from oracle.tensorflow_rows import compare_rows
from oracle.tensorflow_side import VERSION
from oracle.tensorflow_state import compare_state
from oracle.tensorflow_streams import compare_streams
from oracle.tensorflow_training import compare_training


def report(folder: Path) -> Report:
    samples, made = read_samples(folder), Report(f"The TensorFlow face against TensorFlow {VERSION}'s compat.v1")
    compare_rows(made.section("Rows"), samples)
    compare_expressions(made.section("Expressions"))
    compare_state(made.section("Variables and optimisers"))
    compare_streams(made.section("Random streams"))
    compare_training(made.section("Training programs"))
    return made
