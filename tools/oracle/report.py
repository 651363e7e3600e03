"""What was compared, what differed, and what differs on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


class Section:
    """One subject: how much was compared, the differences, and those that are meant (each with its reason)."""

    def __init__(self, title: str) -> None:
        self.title, self.compared = title, 0
        self.differences: list[str] = []
        self.known: dict[str, list[str]] = {}
        self.notes: list[str] = []

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """The items, under a progress bar on standard error."""
        return iter(tqdm(list(items), desc=self.title, leave=False))

    def differ(self, where: str, what: str, reason: str | None = None) -> None:
        if reason is None:
            self.differences.append(f"{where}: {what}")
        else:
            self.known.setdefault(reason, []).append(where)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def markdown(self) -> str:
        lines = [f"## {self.title}", *self.notes]
        if self.differences:
            lines.append("\n".join(["Differences:", "", *(f"- {d}" for d in self.differences)]))
        if self.known:
            rows = [f"| {reason} | {len(places)} | {shown(places)} |" for reason, places in sorted(self.known.items())]
            lines.append("\n".join(["| meant to differ | times | where |", "|---|---|---|", *rows]))
        return "\n\n".join(lines)

    @property
    def meant(self) -> int:
        return sum(len(places) for places in self.known.values())


def shown(places: list[str], most: int = 3) -> str:
    """The first of them, as a cell of a table."""
    names = list(dict.fromkeys(places))
    cells = [f"`{name}`".replace("|", "\\|") for name in names[:most]]
    return ", ".join(cells) + (f" and {len(names) - most} more" if len(names) > most else "")


class Report:
    """All sections of one face. `made_with`: the versions of what was compared."""

    def __init__(self, title: str, made_with: str = "") -> None:
        self.title, self.made_with, self.sections = title, made_with, []

    def section(self, title: str) -> Section:
        self.sections.append(Section(title))
        return self.sections[-1]

    @property
    def differences(self) -> int:
        return sum(len(s.differences) for s in self.sections)

    def markdown(self) -> str:
        rows = [(s.title, s.compared, s.meant, len(s.differences)) for s in self.sections]
        total = ("all", *(sum(row[k] for row in rows) for k in (1, 2, 3)))
        cells = [f"| {' | '.join(map(str, row))} |" for row in (*rows, total)]
        table = "\n".join(["| section | compared | meant to differ | differences |", "|---|---|---|---|", *cells])
        return "\n\n".join([f"# {self.title}", *([self.made_with] if self.made_with else []), table, *(s.markdown() for s in self.sections)])
