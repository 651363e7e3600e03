"""Writes what is made from the engine's rows for Python: the stubs.

    python -m twofold._stubs [--check] ROOT_OF_THE_REPOSITORY
"""

from __future__ import annotations

import sys
from pathlib import Path

from twofold import _core
from twofold._face_stubs import face_stubs
from twofold._plain_stubs import part_stubs, plain_stub

_KINDS = {"flag": "bool", "int": "int", "real": "float", "dtype": "object", "ints": "Sequence[int] | int | None", "text": "str",
          "generator": "Generator | None", "body": "Callable[..., object]", "opaque": "object"}  # fmt: skip


def _parameter(name: str, kind: str, variadic: bool, optional: bool, default: str | None) -> str:
    if kind in _KINDS:
        return f"{name}: {_KINDS[kind]}" + ("" if default is None and kind != "generator" else " = ...")
    if variadic:
        return f"{name}: Sequence[Operand]"
    return f"{name}: Operand | None = ..." if optional else f"{name}: Operand"


def stubs() -> str:
    """The stub of the plain API: a function for every row, with the row's own names."""
    lines = []
    for row in _core.rows():
        parameters = ", ".join(_parameter(*p) for p in row["parameters"])
        result = "Tensor" if row["outputs"] == 1 else f"tuple[{', '.join(['Tensor'] * row['outputs'])}]"
        lines.append(f"def {row['name']}({parameters}) -> {result}:\n    {row['doc']!r}\n")
    return plain_stub(lines)


def main() -> None:
    root = Path(sys.argv[-1])
    made = {root / "python/twofold/__init__.pyi": stubs(), **part_stubs(root), **face_stubs(root)}
    for path in set((root / "python").rglob("*.pyi")) - set(made):
        made[path] = ""  # no module needs it any more
    for path, text in made.items():
        if "--check" not in sys.argv:
            path.write_text(text) if text else path.unlink()
        elif not path.exists() or path.read_text() != text:
            sys.exit(f"{path}: does not fit the rows; run python -m twofold._stubs {root}")


if __name__ == "__main__":
    main()
