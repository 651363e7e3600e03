"""tf.app.run: parses flags, then calls main."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from twofold import _missing
from twofold.tensorflow import flags

__all__ = ["flags", "run"]


def run(main: Callable | None = None, argv: Sequence[str] | None = None) -> NoReturn:
    """Calls main([program, arguments that are no flags]) and leaves with its result."""
    given = list(sys.argv if argv is None else argv)
    rest = flags.FLAGS(given, known_only=True)
    function = main or sys.modules["__main__"].main
    sys.exit(function(rest))


_missing.explain(__name__)
