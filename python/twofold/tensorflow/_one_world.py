"""What the torch face gives a graph: modules called on its tensors, parameters as variables."""

from __future__ import annotations

from typing import Any

from twofold.tensorflow._graph import graph_of
from twofold.tensorflow._variables import Variable


def adopt_parameters(tensor: Any, module: Any, scope: str) -> None:
    """The module's parameters become variables of the tensor's graph, once: `scope/fc1/weight`, already initialised."""
    graph = graph_of(tensor)
    known = {v._cell._address for v in graph._variables}
    for name, parameter in module.named_parameters():
        if parameter._address in known:
            continue
        full = graph.unique_name("/".join(part for part in (scope, *name.split(".")) if part))
        Variable._adopted(graph, full, parameter)
