"""The stubs: mypy takes the programs in typed/, and refuses each line of them that is marked as wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import twofold

PROGRAMS = sorted(Path(__file__).with_name("typed").glob("*.py"))
STUBS = sorted(Path(twofold.__file__).parent.rglob("*.pyi"))


def mypy(cache: Path, *arguments: object) -> str:
    command = [sys.executable, "-m", "mypy", f"--cache-dir={cache}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cache).stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_program(program: Path, tmp_path: Path) -> None:
    # --strict: a mark that is not needed is an error too.
    assert mypy(tmp_path, "--strict", program) == "Success: no issues found in 1 source file\n"


def test_there_is_a_stub_for_each_place_with_rows() -> None:
    names = {str(p.relative_to(Path(twofold.__file__).parent)) for p in STUBS}
    assert names >= {"__init__.pyi", "torch/__init__.pyi", "torch/_tensor.pyi", "torch/nn/functional.pyi",
                     "tensorflow/__init__.pyi", "tensorflow/_tensor.pyi", "tensorflow/nn.pyi"}  # fmt: skip


def test_stubs_are_sound(tmp_path: Path) -> None:
    modules = [str(p.relative_to(Path(twofold.__file__).parents[1]).with_suffix("")).replace("/__init__", "").replace("/", ".") for p in STUBS]
    found = mypy(tmp_path, "--ignore-missing-imports", *(f"-m={m}" for m in modules))
    assert found == f"Success: no issues found in {len(STUBS)} source files\n"
