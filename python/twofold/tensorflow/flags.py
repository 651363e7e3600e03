"""tf.flags: DEFINE_string and its kin; values are read from the command line on first use."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any


class _Flags:
    """tf.flags.FLAGS."""

    def __init__(self) -> None:
        self.__dict__["_parser"] = argparse.ArgumentParser(allow_abbrev=False)
        self.__dict__["_values"] = {}
        self.__dict__["_parsed"] = False

    def __call__(self, argv: Sequence[str], known_only: bool = False) -> list[str]:
        options, rest = self._parser.parse_known_args(list(argv[1:]))
        for name, value in vars(options).items():
            self._values.setdefault(name, value)
        self.__dict__["_parsed"] = True
        return [argv[0], *rest]

    def define(self, name: str, default: Any, help: str | None, **kwargs: Any) -> None:
        self._parser.add_argument(f"--{name}", dest=name, default=default, help=help, **kwargs)
        self.__dict__["_parsed"] = False

    def __getattr__(self, name: str) -> Any:
        if not self._parsed:
            self(sys.argv)
        if name not in self._values:
            raise AttributeError(name)
        return self._values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def flag_values_dict(self) -> dict[str, Any]:
        if not self._parsed:
            self(sys.argv)
        return dict(self._values)


FLAGS = _Flags()


def _truth(text: Any) -> bool:
    return str(text).lower() in ("1", "t", "true", "y", "yes")


def DEFINE_string(name: str, default: str | None, help: str | None = None) -> None:
    FLAGS.define(name, default, help, type=str)


def DEFINE_integer(name: str, default: int | None, help: str | None = None, **_: Any) -> None:
    FLAGS.define(name, default, help, type=int)


def DEFINE_float(name: str, default: float | None, help: str | None = None, **_: Any) -> None:
    FLAGS.define(name, default, help, type=float)


def DEFINE_boolean(name: str, default: bool | None, help: str | None = None) -> None:
    FLAGS.define(name, default, help, type=_truth, nargs="?", const=True)
    FLAGS._parser.add_argument(f"--no{name}", dest=name, action="store_false", default=argparse.SUPPRESS)


def DEFINE_enum(name: str, default: str | None, enum_values: Sequence[str], help: str | None = None) -> None:
    FLAGS.define(name, default, help, choices=list(enum_values))


DEFINE_bool = DEFINE_boolean
