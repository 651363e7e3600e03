"""The pages are what running them prints. TWOFOLD_UPDATE=1 writes the outputs anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PAGES = ["docs/tour.md", "docs/plain.md"]
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<out>.*?)```\n)?", re.DOTALL)
MARK = "\x1e"  # between the outputs of two blocks


def outputs(code: list[str], name: str) -> list[str]:
    """What each block of one program prints."""
    program = f"\nprint({MARK!r}, end='')\n".join(code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, f"{name}: {done.stderr}"
    return done.stdout.split(MARK)


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str) -> None:
    path = Path(ROOT / name)
    text = path.read_text()
    blocks = list(BLOCK.finditer(text))
    found = outputs([b["code"] for b in blocks], name)
    if os.environ.get("TWOFOLD_UPDATE"):
        at = iter(found)
        shown = lambda out: f"\n```text\n{out}```\n" if out else ""  # noqa: E731
        path.write_text(BLOCK.sub(lambda b: f"```python\n{b['code']}```\n{shown(next(at))}", text))
        return
    assert [b["out"] or "" for b in blocks] == found
