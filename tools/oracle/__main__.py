"""`python -m oracle torch SAMPLES`: a face against its original. Prints the report; exit status 1 for a difference."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    face, samples = sys.argv[1:]
    report = importlib.import_module(f"oracle.{face}").report(Path(samples))
    print(report.markdown())
    sys.exit(1 if report.differences else 0)


if __name__ == "__main__":
    main()
