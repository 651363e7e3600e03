"""tf.ConfigProto and its kin: settings that programs make; those that mean nothing here are kept and ignored."""

from __future__ import annotations

from typing import Any


class Settings:
    """A bag of settings: any attribute may be set, and reading one that was not makes a bag inside."""

    def __init__(self, **settings: Any) -> None:
        self.__dict__.update(settings)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self.__dict__[name] = Settings()
        return made

    def __repr__(self) -> str:
        return "\n".join(f"{k}: {v!r}" for k, v in self.__dict__.items())


class ConfigProto(Settings):
    """Session settings: gpu_options.allow_growth, allow_soft_placement, log_device_placement, ..."""


class GPUOptions(Settings):
    """ConfigProto.gpu_options."""


class OptimizerOptions(Settings):
    """GraphOptions.optimizer_options."""


class GraphOptions(Settings):
    """ConfigProto.graph_options."""


class RunOptions(Settings):
    """Session.run(options=...)."""

    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = 0, 1, 2, 3


class RunMetadata(Settings):
    """Session.run(run_metadata=...)."""
