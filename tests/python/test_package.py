"""The package as its users meet it: imports, scripts, sizes, examples."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

EXAMPLES = sorted(p.name for p in (ROOT / "examples/python").glob("*.py"))


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


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str) -> None:
    done = run("-m", "twofold", f"examples/python/{name}")
    assert done.stderr == ""
    if "accuracy" in done.stdout:
        assert float(done.stdout.rpartition(" ")[2]) >= 0.88
    if "equal:" in done.stdout:
        assert "equal: True" in done.stdout


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
