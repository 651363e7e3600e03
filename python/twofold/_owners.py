"""Who keeps the Python functions that a graph calls: hooks, derivatives, host functions.

The graph's Python object does, and the engine only looks at them: a function that refers to a tensor of the graph
would otherwise keep both alive, unseen by the garbage collector.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

graphs: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()  # by address of the engine's graph
tracing: list[Any] = []  # the graphs whose branches and bodies are being traced, innermost last


def owner_of(tensor: Any) -> Any:
    """The graph that a symbolic tensor belongs to, or None."""
    return graphs.get(tensor._edge[0]) or (tracing[-1] if tracing else None)


def owned(function: Callable[..., Any], tensor: Any) -> Callable[..., Any]:
    """The function as the engine may hold it on account of this tensor."""
    owner = owner_of(tensor) if tensor._symbolic else None
    return function if owner is None else owned_by(owner, function)


def owned_by(owner: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as the engine may hold it while `owner` keeps it."""
    call = lambda *args: function(*args)  # noqa: E731 (a bound method would be gone at once)
    owner._functions.append(call)
    there = weakref.ref(call)

    def while_owned(*args: Any) -> Any:
        kept = there()
        if kept is None:
            raise RuntimeError("the graph whose function this was is gone")
        return kept(*args)

    return while_owned
