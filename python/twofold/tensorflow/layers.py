"""tf.layers: dense, flatten and dropout, as functions and as classes of layers that keep their variables."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from typing import Any

from twofold import _missing
from twofold.tensorflow import _dtypes, nn
from twofold.tensorflow._array import expand_dims, identity, reshape, shape
from twofold.tensorflow._contract import tensordot
from twofold.tensorflow._control import get_collection
from twofold.tensorflow._dtypes import TensorShape, as_dtype
from twofold.tensorflow._flow import cond
from twofold.tensorflow._graph import Graph, GraphKeys, get_default_graph
from twofold.tensorflow._initializers import Zeros
from twofold.tensorflow._initializers import named as initializer_named
from twofold.tensorflow._math import matmul
from twofold.tensorflow._op import dtype_of, is_tensor
from twofold.tensorflow._scopes import VariableScope, get_variable, variable_scope
from twofold.tensorflow._sizes import constant_value
from twofold.tensorflow._tensor import Tensor, convert
from twofold.tensorflow._variables import Variable

# How many layers of each kind a graph has: their names tell them apart.
_counts: weakref.WeakKeyDictionary[Graph, dict[str, int]] = weakref.WeakKeyDictionary()


def _free_name(base: str) -> str:
    counts = _counts.setdefault(get_default_graph(), {})
    counts[base] = counts.get(base, 0) + 1
    return f"{base}_{counts[base]}"


class Layer:
    """A function of tensors with variables of its own: build() makes them at the first call, call() computes.

    The variables live in a variable scope of the layer's name.
    """

    min_rank = 0  # of what it takes

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, _scope: str | None = None,
                 _reuse: bool | None = None) -> None:  # fmt: skip
        self._base_name = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()
        self.name = name or _free_name(self._base_name)
        self.trainable, self.built = trainable, False
        self.dtype: Any = None if dtype is None else as_dtype(dtype).name
        self.weights: list[Variable] = []
        self.losses: list[Any] = []  # of its regularisers
        self._reuse = _reuse
        self._scope: VariableScope | None = None
        if _scope:
            self._enter(_scope)

    # --- what a layer overrides
    def build(self, input_shape: Any) -> None:
        """Makes the variables for inputs of this shape."""
        self.built = True

    def call(self, inputs: Any, **kwargs: Any) -> Any:
        return inputs

    # --- its scope
    def _enter(self, name: str | None = None) -> VariableScope:
        """The layer's variable scope, opened when it is first used."""
        if self._scope is None:
            name = self._base_name if self._reuse and name is None else name
            with variable_scope(name, default_name=self._base_name) as scope:
                self._scope = scope
        return self._scope

    @property
    def scope_name(self) -> str:
        if self._scope is None:
            raise ValueError(f'No name available for layer scope because the layer "{self.name}" has not been used yet: it gets its name when it is first called.')
        return self._scope.name

    def _inside(self) -> Any:
        return variable_scope(self._enter(), reuse=self.built or self._reuse, auxiliary_name_scope=False)

    # --- calling it
    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        with self._inside() as scope, get_default_graph().name_scope(scope.original_name_scope):
            given = convert(inputs)
            self._check(given)
            if not self.built:
                self.dtype = self.dtype or given.dtype.base_dtype.name
                self.build(given.shape)
                self.built = True
            return self.call(given, *args, **kwargs)

    apply = __call__

    def _check(self, given: Tensor) -> None:
        words = f"Input 0 of layer {self.name} is incompatible with the layer: "
        if self.min_rank and given._shape is None:
            raise ValueError(f"{words}its rank is undefined, but the layer requires a defined rank.")
        if self.min_rank and len(given._shape) < self.min_rank:
            raise ValueError(f"{words}: expected min_ndim={self.min_rank}, found ndim={len(given._shape)}. Full shape received: {given.shape.as_list()}")

    # --- its variables
    def add_weight(self, name: str, shape: Any, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                   trainable: bool | None = None, constraint: Any = None) -> Variable:  # fmt: skip
        """A variable of the layer, in its scope."""
        if constraint is not None:
            raise NotImplementedError("constraints of variables are not supported yet")
        kind = dtype or self.dtype or _dtypes.float32
        known = get_collection(GraphKeys.REGULARIZATION_LOSSES)
        with self._inside():
            made = get_variable(name, shape, kind, initializer_named(initializer), regularizer, self.trainable and trainable is not False)
        self.weights.append(made)
        self.losses += get_collection(GraphKeys.REGULARIZATION_LOSSES)[len(known) :]
        return made

    add_variable = add_weight

    @property
    def variables(self) -> list[Variable]:
        return self.weights

    @property
    def trainable_weights(self) -> list[Variable]:
        return [v for v in self.weights if v.trainable]

    trainable_variables = trainable_weights


def _activation(given: Any) -> Callable[[Tensor], Tensor] | None:
    """An activation, or the function that its name means."""
    if given is None or callable(given):
        return given
    if given == "linear":
        return None
    if not hasattr(nn, given):
        raise ValueError(f"Unknown activation function:{given}")
    return getattr(nn, given)


class Dense(Layer):
    """activation(inputs @ kernel + bias), over the last dimension of the inputs."""

    min_rank = 2

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                 bias_initializer: Any = Zeros, kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                 name: str | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(trainable, name, **kwargs)
        if activity_regularizer is not None:
            raise NotImplementedError("tf.layers.Dense: activity_regularizer is not supported yet")
        self.units, self.use_bias, self.activation = int(units), use_bias, _activation(activation)
        self._kernel = {"initializer": kernel_initializer, "regularizer": kernel_regularizer, "constraint": kernel_constraint}
        self._bias = {"initializer": bias_initializer, "regularizer": bias_regularizer, "constraint": bias_constraint}
        self.kernel: Variable | None = None
        self.bias: Variable | None = None
        self._width: int | None = None

    def build(self, input_shape: Any) -> None:
        self.dtype = self.dtype or "float32"
        if not as_dtype(self.dtype).is_floating:
            raise TypeError(f"Unable to build `Dense` layer with non-floating point dtype {as_dtype(self.dtype)}")
        self._width = TensorShape(input_shape).as_list()[-1]
        if self._width is None:
            raise ValueError("The last dimension of the inputs to `Dense` should be defined. Found `None`.")
        self.kernel = self.add_weight("kernel", [self._width, self.units], **self._kernel)
        self.bias = self.add_weight("bias", [self.units], **self._bias) if self.use_bias else None
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        rank = len(inputs._shape)
        out = matmul(inputs, self.kernel) if rank == 2 else tensordot(inputs, self.kernel, [[rank - 1], [0]])
        out = nn.bias_add(out, self.bias) if self.use_bias else out
        return out if self.activation is None else self.activation(out)

    def _check(self, given: Tensor) -> None:
        super()._check(given)
        if self._width is not None and given._shape[-1] not in (self._width, None):
            raise ValueError(
                f"Input 0 of layer {self.name} is incompatible with the layer: expected axis -1 of input shape to have value "
                f"{self._width} but received input with shape {given.shape.as_list()}"
            )


class Flatten(Layer):
    """All dimensions but the first as one."""

    min_rank = 1

    def call(self, inputs: Tensor) -> Tensor:
        first, *rest = inputs._shape
        if not rest:
            return reshape(inputs, [shape(inputs)[0], 1]) if first is None else expand_dims(inputs, -1)
        made = reshape(inputs, [shape(inputs)[0] if first is None else first, -1])
        made.set_shape([first, None if None in rest else TensorShape(rest).num_elements()])
        return made


class Dropout(Layer):
    """tf.nn.dropout() while `training` holds: a Python value, or a tensor that a run decides."""

    def __init__(self, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: Tensor, training: Any = False) -> Tensor:
        return _choose(training, lambda: nn.dropout(inputs, noise_shape=self._noise(inputs), seed=self.seed, rate=self.rate), lambda: identity(inputs))

    def _noise(self, inputs: Tensor) -> Any:
        if self.noise_shape is None:
            return None
        sizes = shape(inputs)
        return convert([sizes[k] if n is None else n for k, n in enumerate(self.noise_shape)])


def _choose(holds: Any, then: Callable[[], Tensor], otherwise: Callable[[], Tensor]) -> Tensor:
    """cond(), decided at once where the condition is known."""
    if is_tensor(holds):
        known = constant_value(convert(holds))
        if known is None:
            return cond(holds, then, otherwise)
        holds = bool(known)
    if holds not in (0, 1):
        raise TypeError(f"pred must be a Tensor, or a Python bool, or 1 or 0. Found instead: {holds}")
    return then() if holds else otherwise()


# --- as functions -------------------------------------------------------------------------------------------------
def dense(inputs: Any, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
          bias_initializer: Any = Zeros, kernel_regularizer: Any = None, bias_regularizer: Any = None,
          activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
          name: str | None = None, reuse: bool | None = None) -> Tensor:  # fmt: skip
    """activation(inputs @ kernel + bias), with variables made here or, `reuse`, shared."""
    layer = Dense(units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                  activity_regularizer, kernel_constraint, bias_constraint, trainable, name, dtype=_floats(inputs), _scope=name, _reuse=reuse)  # fmt: skip
    return layer(inputs)


def _floats(inputs: Any) -> Any:
    found = dtype_of(inputs)
    return None if found is None else found.base_dtype


def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Tensor:
    """All dimensions but the first as one."""
    if data_format != "channels_last":
        raise NotImplementedError(f"tf.layers.flatten: data_format='{data_format}' is not supported yet")
    return Flatten(name=name)(inputs)


def dropout(inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, training: Any = False,
            name: str | None = None) -> Tensor:  # fmt: skip
    """tf.nn.dropout() while `training` holds, the inputs themselves otherwise."""
    return Dropout(rate, noise_shape, seed, name)(inputs, training=training)


_missing.explain(__name__)
