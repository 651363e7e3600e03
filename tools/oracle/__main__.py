"""`python -m oracle SAMPLES`: the torch face against PyTorch. Prints the report; exit status 1 for a difference."""

from __future__ import annotations

import sys
from pathlib import Path

from oracle.report import Report
from oracle.samples import read_samples
from oracle.torch_control import compare_control
from oracle.torch_rows import compare_rows
from oracle.torch_side import VERSION
from oracle.torch_streams import compare_streams
from oracle.torch_training import compare_training


def main() -> None:
    samples = read_samples(Path(sys.argv[1]))
    report = Report(f"The torch face against PyTorch {VERSION}")
    compare_rows(report.section("Rows"), samples)
    compare_control(report.section("Control flow"), samples)
    compare_streams(report.section("Random streams"))
    compare_training(report.section("Training programs"))
    print(report.markdown())
    sys.exit(1 if report.differences else 0)


if __name__ == "__main__":
    main()
