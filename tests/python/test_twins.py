"""The twins in examples/python print, bit for bit, what their C++ twin prints (examples/NAME.txt; ctest's twins.* hold C++ to
it), and nearly what the originals print.

recorded/NAME_torch.txt and NAME_tensorflow.txt are what PyTorch 2.13.0 and TensorFlow 1.15.5 print for the same scripts:

    python3.7 examples/python/NAME_tensorflow.py > tests/python/recorded/NAME_tensorflow.txt
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from conftest import ROOT

SCRIPTS = sorted(p.name for end in ("_torch.py", "_tensorflow.py") for p in ROOT.glob(f"examples/python/*{end}"))
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


@pytest.mark.parametrize("script", SCRIPTS)
def test_prints_what_its_twins_print(script: str) -> None:
    program = [sys.executable, "-m", "twofold", f"examples/python/{script}"]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / f"examples/{script.rpartition('_')[0]}.txt").read_text()


@pytest.mark.parametrize("script", SCRIPTS)
def test_prints_nearly_what_the_original_prints(script: str) -> None:
    """The originals sum in another order; hundreds of steps make of that the sixth digit at most."""
    ours = (ROOT / f"examples/{script.rpartition('_')[0]}.txt").read_text()
    original = (ROOT / f"tests/python/recorded/{script}").with_suffix(".txt").read_text()
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", original)
    for mine, its in zip(NUMBER.findall(ours), NUMBER.findall(original)):
        assert float(mine) == pytest.approx(float(its), rel=1e-5)
