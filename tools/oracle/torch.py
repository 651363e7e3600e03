"""PyTorch's half: every section of the report."""

from __future__ import annotations

from pathlib import Path

from oracle.report import Report
from oracle.samples import read_samples
from oracle.torch_control import compare_control
from oracle.torch_expressions import compare_expressions
from oracle.torch_names import compare_names
from oracle.torch_rows import compare_rows
from oracle.torch_side import VERSION
from oracle.torch_streams import compare_streams
from oracle.torch_training import compare_training
from oracle.torch_transcripts import compare_transcripts


def report(folder: Path) -> Report:
    samples, made = read_samples(folder), Report(f"The torch face against PyTorch {VERSION}")
    compare_rows(made.section("Rows"), samples)
    compare_expressions(made.section("Expressions"))
    compare_control(made.section("Control flow"), samples)
    compare_streams(made.section("Random streams"))
    compare_training(made.section("Training programs"))
    compare_transcripts(made.section("Transcripts"))
    compare_names(made.section("Names"))
    return made
