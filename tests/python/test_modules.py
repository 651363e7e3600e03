"""What nn.Module refuses, and in which words; buffers that are not saved."""

from __future__ import annotations

import pytest

import twofold.tensorflow as tf
import twofold.torch as torch

REFUSED = [
    ("m.add_module(1, m)", TypeError, "module name should be a string. Got int"),
    ("m.add_module('', m)", KeyError, 'module name can\'t be empty string ""'),
    ("m.add_module('a.b', m)", KeyError, 'module name can\'t contain ".", got: a.b'),
    ("m.add_module('forward', m)", KeyError, "attribute 'forward' already exists"),
    ("m.add_module('x', 3)", TypeError, "int is not a Module subclass"),
    ("m.register_buffer('x', 3)", TypeError, "cannot assign 'int' object to buffer 'x' (torch Tensor or None required)"),
    ("m.register_buffer('a.b', None)", KeyError, 'buffer name can\'t contain "."'),
    ("m.register_parameter('x', torch.ones(1))", TypeError,
     "cannot assign 'torch.FloatTensor' object to parameter 'x' (torch.nn.Parameter or None required)"),
    ("m.register_parameter(3, None)", TypeError, "parameter name should be a string. Got int"),
    ("setattr(torch.float32, 'itemsize', 3)", AttributeError, "attribute 'itemsize' of 'torch.dtype' objects is not writable"),
    ("torch.dtype()", TypeError, "cannot create 'torch.dtype' instances"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), REFUSED)
def test_refused(code: str, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        eval(code, {"torch": torch, "m": torch.nn.Module(), "setattr": setattr})
    assert caught.value.args[0] == text


def test_a_buffer_that_is_not_persistent_is_not_saved() -> None:
    m = torch.nn.Module()
    m.register_buffer("kept", torch.ones(1))
    m.register_buffer("passing", torch.ones(1), persistent=False)
    assert list(m.state_dict()) == ["kept"] and [n for n, _ in m.named_buffers()] == ["kept", "passing"]
    m.load_state_dict({"kept": torch.zeros(1)})
    assert m.kept.item() == 0


def test_a_tensor_of_a_graph_begins_at_no_offset() -> None:
    """It has no memory yet."""

    class Shifted(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + x.storage_offset()

    made = Shifted()(tf.placeholder(tf.float32, [2]))
    assert tf.Session().run(made, {made.graph.get_operations()[0].outputs[0]: [1.0, 2.0]}).tolist() == [1, 2]
