"""The names that the public headers declare, read from their text: enough of C++ for how these are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conftest import ROOT

_NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*|"(?:\\.|[^"\\])*"', re.DOTALL | re.MULTILINE)
_ACCESS = re.compile(r"\s*(public|protected|private)\s*:(?!:)")
_SCOPE = re.compile(r"(?:template\s*<.*?>\s*)?(namespace|class|struct|enum class)\s+([\w:]+)[^()=;]*$", re.DOTALL)
_FUNCTION = re.compile(r"(operator\s*[^\s\w(]+|operator\s*\(\)|~?\w+)\s*\(")


@dataclass(frozen=True)
class Name:
    """`kind` is class, function or value; `scope` what it stands in, such as ("twofold", "Graph")."""

    kind: str
    scope: tuple[str, ...]
    name: str
    header: str


def _end(text: str, at: int) -> int:
    """Behind the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "({") - (text[i] in ")}")
        if depth == 0:
            return i + 1
    raise ValueError("a bracket that nothing closes")


def _declarations(text: str) -> Iterator[tuple[str, str]]:
    """(what stands before the braces or the semicolon, what is in the braces)."""
    start = at = 0
    while at < len(text):
        if text[at] == "(":
            at = _end(text, at)
        elif text[at] == ";":
            yield text[start:at], ""
            start = at = at + 1
        elif text[at] == "{":
            end = _end(text, at)
            head = text[start:at]
            if "=" not in _FUNCTION.split(head)[0] and (_SCOPE.search(head.strip()) or _FUNCTION.search(head)):
                yield head, text[at + 1 : end - 1]
                start = end
            at = end  # of an initialiser: the declaration goes on
        else:
            at += 1


def _functions_and_values(text: str, scope: tuple[str, ...], header: str) -> Iterator[Name]:
    text = re.sub(r"template\s*<(?:[^<>]|<[^<>]*>)*>|requires\s*\(.*?\)", "", text, flags=re.DOTALL).strip()
    if not text or text.startswith(("using ", "friend ", "class ", "struct ", "enum ", "static_assert")):
        return
    function = _FUNCTION.search(text)
    if function and "=" not in text[: function.start()]:
        yield Name("function", scope, function[1].replace(" ", ""), header)
        return
    while "<" in text and (shorter := re.sub(r"<[^<>]*>", "", text)) != text:
        text = shorter
    for part in re.sub(r"\{[^{}]*\}", "", text).split(","):
        yield Name("value", scope, re.findall(r"\w+", part.partition("=")[0].partition("[")[0])[-1], header)


def _names(text: str, scope: tuple[str, ...], header: str, access: str) -> Iterator[Name]:
    for head, body in _declarations(text):
        while said := _ACCESS.match(head):
            access, head = said[1], head[said.end() :]
        opened = _SCOPE.search(head.strip()) if body else None
        if access == "private" and not (opened and opened[1] == "namespace"):
            continue
        if opened is None:
            yield from _functions_and_values(head, scope, header)
            continue
        inside = (*scope, *opened[2].split("::"))
        if opened[1] != "namespace":
            yield Name("class", scope, opened[2], header)
        if opened[1] == "enum class":
            yield from (Name("value", inside, n, header) for n in re.findall(r"\w+", body))
        else:
            yield from _names(body, inside, header, "private" if opened[1] == "class" else "public")


def public_names() -> list[Name]:
    found: dict[tuple, Name] = {}
    for path in sorted((ROOT / "include/twofold").rglob("*.h")):
        text = _NOISE.sub(" ", path.read_text())
        for n in _names(text, (), str(path.relative_to(ROOT / "include/twofold")), "public"):
            found.setdefault((n.scope, n.name), n)
    return list(found.values())


if __name__ == "__main__":
    for n in public_names():
        print(Path(n.header).name, n.kind, "::".join((*n.scope, n.name)))
