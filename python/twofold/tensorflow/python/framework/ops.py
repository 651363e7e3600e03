"""tensorflow.python.framework.ops."""

from __future__ import annotations

from twofold import _missing
from twofold.tensorflow._control import control_dependencies, device, name_scope
from twofold.tensorflow._graph import Graph, GraphKeys, Operation, get_default_graph, reset_default_graph
from twofold.tensorflow._tensor import Tensor, convert_to_tensor

__all__ = ["Graph", "GraphKeys", "Operation", "Tensor", "control_dependencies", "convert_to_tensor", "device",
           "get_default_graph", "name_scope", "reset_default_graph"]  # fmt: skip

_missing.explain(__name__)
