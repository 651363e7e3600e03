"""The pages are what running them prints (TWOFOLD_UPDATE=1 writes the outputs anew), and what the originals do."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from calls import on_page  # noqa: E402
from pages import MARK, Page  # noqa: E402

PAGES = [page for page in map(Page, [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]) if page.code("python")]


@pytest.mark.parametrize("page", PAGES, ids=[page.path.name for page in PAGES])
def test_page(page: Page) -> None:
    program = "".join(f"{code}\nprint({MARK!r}, end='')\n" for code in page.code("python"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert page.settle("python", done.stdout.split(MARK)) == []


@pytest.mark.parametrize("face", ["torch", "tf"])
def test_the_originals_give_what_the_page_of_operations_says(face: str) -> None:
    """tools/calls.py has asked them."""
    recorded = (ROOT / f"tests/python/recorded/calls_{face}.txt").read_text().splitlines()[1:]
    assert [f"`{call}` {outcome}" for call, outcome in on_page(face).items()] == recorded
