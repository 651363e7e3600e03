"""Memory stays flat, and what hangs together in a circle is collected. `./run leaks` makes the full counts."""

from __future__ import annotations

import gc
import importlib.util
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from conftest import ROOT

import twofold.torch as torch

_spec = importlib.util.spec_from_file_location("leaks", ROOT / "bench/leaks.py")
leaks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(leaks)


@pytest.mark.parametrize("name", [row[0] for row in leaks.ROWS])
def test_memory_stays_flat(name: str) -> None:
    """Within 2 %, and the ends of the programs are silent."""
    before, after, _, _, errors = leaks.measure(name, 0.2)
    assert after <= before * 1.02 and errors == ""


class Module(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.ones(3))
        self.handle = self.w.register_hook(self.look)

    def look(self, g: Any) -> None:
        pass


def leaf(kept: Any) -> None:
    x = torch.ones(4, requires_grad=True)
    handle = x.register_hook(lambda g: (x, kept, handle)[0])
    (x * 2).sum().backward()


def computed(kept: Any) -> None:
    y = torch.ones(4, requires_grad=True) * 2
    y.register_hook(lambda g: (y, kept)[0])
    (y * 3).sum().backward()


def module(kept: Any) -> None:
    m = Module()
    m.kept = kept
    (m.w * 2).sum().backward()


class Named(torch.Tensor):
    pass


def attribute(kept: Any) -> None:
    t = torch._core.as_class(torch.ones(2, requires_grad=True), Named)
    t.me, t.kept = t, kept
    t.register_hook(lambda g: t)


class Kept:
    pass


@pytest.mark.parametrize("circle", [leaf, computed, module, attribute])
def test_circles_through_hooks_are_collected(circle: Callable[[Any], None]) -> None:
    kept = Kept()
    there = weakref.ref(kept)
    circle(kept)
    del kept
    gc.collect()
    assert there() is None


def test_a_hook_that_others_may_still_call_is_not_collected() -> None:
    """The leaf's object is gone, but a result leads to the leaf."""
    seen: list[Any] = []
    x = torch.ones(2, requires_grad=True)
    x.register_hook(lambda g, x=x: seen.append((x, g)))
    y = (x * 2).sum()
    del x
    gc.collect()
    y.backward()
    assert seen[0][1].tolist() == [2, 2]
    x = torch.ones(2, requires_grad=True)
    x.register_hook(lambda g: seen.append(g))
    other = torch._core.as_class(x, torch.Tensor)
    del x
    gc.collect()
    (other * 3).sum().backward()
    assert seen[1].tolist() == [3, 3]


def test_a_handle_does_not_keep_its_tensor() -> None:
    x = torch.ones(1000, requires_grad=True)
    there, handle = weakref.ref(x), x.register_hook(print)
    del x
    assert there() is None
    handle.remove()
    handle.remove()


def test_a_hook_that_takes_itself_away_while_it_is_taken_away() -> None:
    x = torch.ones(1, requires_grad=True)

    class Ends:
        def __call__(self, g: Any) -> None:
            pass

        def __del__(self) -> None:
            for h in handles:
                h.remove()

    handles = [x.register_hook(Ends()) for _ in range(5)]
    handles[2].remove()
    (x * 2).backward()
    assert x.grad.tolist() == [2]
