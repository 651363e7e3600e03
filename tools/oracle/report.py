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
        lines = [f"## {self.title}", "", f"{self.compared} comparisons, {len(self.differences)} differences."]
        lines += [line for note in self.notes for line in ("", note)]
        if self.differences:
            lines += ["", *(f"- {d}" for d in self.differences)]
        if self.known:
            lines += ["", "Meant to differ:", "", *(f"- {reason}: {listed(places)}" for reason, places in self.known.items())]
        return "\n".join(lines)


def listed(places: list[str]) -> str:
    shown = ", ".join(f"`{p}`" for p in sorted(set(places)))
    return shown


class Report:
    def __init__(self, title: str) -> None:
        self.title, self.sections = title, []

    def section(self, title: str) -> Section:
        self.sections.append(Section(title))
        return self.sections[-1]

    @property
    def differences(self) -> int:
        return sum(len(s.differences) for s in self.sections)

    def markdown(self) -> str:
        total = sum(s.compared for s in self.sections)
        head = [f"# {self.title}", "", f"{total} comparisons, {self.differences} differences."]
        return "\n\n".join(["\n".join(head), *(s.markdown() for s in self.sections)])
