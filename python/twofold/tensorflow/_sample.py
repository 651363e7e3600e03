"""tf.sample_values: a graph debugged like eager code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from twofold import _core, _samples
from twofold.tensorflow._graph import Graph, get_default_graph
from twofold.tensorflow._session import BaseSession, get_default_session


@contextlib.contextmanager
def sample_values(samples: dict[Any, Any] | None = None, graph: Graph | None = None) -> Iterator[None]:
    """Inside, every node that is built also computes: print() and a debugger show numbers at the line that makes them.

    samples: arrays for placeholders (or any tensors), as a feed_dict. A tensor that depends on a placeholder without a
    sample has no value. A variable has the default session's value, else its initial one. Nothing of this is seen by a
    session: draws are drawn again, assignments act on copies. Functions of py_func, Print and Assert do run.
    """
    graph = graph or get_default_graph()
    session = BaseSession(graph=graph)  # never run: it reads feeds
    keys, values = [], []
    for key, value in (samples or {}).items():
        for tensor in session._feed_tensors(key):
            keys.append(tensor)
            values.append(session._fed(key, tensor, value))
    address, outer = graph._core.address, _samples.active.get(graph._core.address)
    _samples.active[address] = _core.SampleValues(graph._core, keys, values, lambda cell: _value_of(graph, cell))
    try:
        yield
    finally:
        if outer is None:
            del _samples.active[address]
        else:
            _samples.active[address] = outer


def _value_of(graph: Graph, cell: Any) -> Any:
    """A variable's value in the default session, else its initial value."""
    session = get_default_session()
    found = session._core.cell(cell) if session is not None and session.graph is graph else None
    if found is not None:
        return found
    for variable in graph._variables:
        if variable._cell._address == cell._address and variable._initial is not None:
            return _samples.active[graph._core.address](variable._initial)
    return None
