"""The package as its users meet it: imports, scripts, sizes, examples."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT



def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=check, cwd=ROOT)


def seconds(code: str) -> float:
    """User and system time of importing, the least of five."""
    timed = f"import time; t = time.process_time(); {code}; print(time.process_time() - t)"
    return min(float(run("-c", timed).stdout) for _ in range(5))


def test_import_takes_no_longer_than_numpys() -> None:
    numpy = seconds("import numpy")
    assert seconds("import numpy, twofold.torch, twofold.tensorflow") <= 2 * numpy + 0.005


def test_memory_at_import() -> None:
    code = "import twofold.torch, twofold.tensorflow; print(open('/proc/self/status').read())"
    peak = run("-c", code).stdout.partition("VmHWM:")[2].split()[0]
    assert int(peak) <= 45 * 1024  # KiB


def test_the_extension_is_small_and_stands_alone() -> None:
    import twofold._core as core

    assert os.path.getsize(core.__file__) <= 20 * 2**20
    libraries = subprocess.run(["ldd", core.__file__], capture_output=True, text=True, check=True).stdout
    assert "fmt" not in libraries and "libtwofold" not in libraries


def test_nothing_heavy_is_imported() -> None:
    code = "import twofold.torch, twofold.tensorflow, sys; print([m for m in ('asyncio', 'unittest', 'pandas') if m in sys.modules])"
    assert run("-c", code).stdout.strip() == "[]"


def test_one_world() -> None:
    done = run("-m", "twofold", "examples/python/one_world.py")  # the other examples are twins: test_twins.py
    assert done.stderr == "" and "equal: True" in done.stdout


def test_a_script_with_arguments(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys, torch.nn.functional as F, tensorflow.compat.v1 as tf\nprint(sys.argv[1:], F.relu.__name__, tf.__name__)")
    assert run("-m", "twofold", str(script), "--a", "1").stdout == "['--a', '1'] relu twofold.tensorflow.compat.v1\n"
    assert run("-m", "twofold", "missing.py", check=False).returncode == 2


def test_install_refuses_when_the_original_is_there() -> None:
    code = "import sys, types; sys.modules['torch'] = types.ModuleType('torch'); import twofold; twofold.install()"
    done = run("-c", code, check=False)
    assert "RuntimeError: twofold.install(): 'torch' is already imported" in done.stderr


def test_one_module_under_both_names() -> None:
    code = "import twofold; twofold.install(); import torch, twofold.torch as t; from torch.autograd import Variable; print(torch is t)"
    assert run("-c", code).stdout == "True\n"


def test_help_shows_how_a_row_is_called() -> None:
    import inspect

    import twofold.torch as torch

    assert str(inspect.signature(torch.amin)) == "(input, dim=None, keepdim=False)"
    assert str(inspect.signature(torch.roll)) == "(input, shifts, dims=None)"
