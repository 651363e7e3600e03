"""Are the transcripts of tests/python true? Each example is run in PyTorch again.

`python -m oracle.torch_transcripts NAME...` writes the named files of tests/python/transcripts anew: what PyTorch gives,
and != where ours is something else, for its reason to be filled in.
"""

from __future__ import annotations

import sys
from pathlib import Path

from oracle.report import Section
from oracle.torch_side import OURS, THEIRS

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/python"))
from transcript import FOLDER, Example, matches, namespace_of, read, run  # noqa: E402


def compare_transcripts(section: Section) -> None:
    for path in section.each(sorted(FOLDER.glob("*.txt"))):
        namespace = namespace_of(THEIRS.module)
        for example in read(path).examples:
            section.compared += 1
            got = run(example, namespace)
            if not matches(example.expected, got):
                section.differ(f"{path.stem}:{example.line} `{example.code}`", f"{got!r} there, {example.expected!r} recorded")
            elif example.ours is not None:
                section.differ(f"{path.stem}:{example.line}", "", example.reason)


def escaped(text: str) -> list[str]:
    return [line or "<BLANKLINE>" for line in text.splitlines()]


def written(example: Example, theirs: str, ours: str) -> list[str]:
    first = theirs.splitlines()[0] if theirs else ""
    is_error = first.partition(":")[0].endswith("Error")
    expected = example.expected if example.expected.endswith("...") and matches(example.expected, theirs) else theirs
    if is_error and "invalid combination of arguments" in first:
        expected = first.partition(" received")[0] + " received an invalid combination of arguments..."
    elif is_error:
        expected = first if not expected.endswith("...") else expected
    lines = [f"{'... ' if k else '>>> '}{line}" for k, line in enumerate(example.code.splitlines())] + escaped(expected)
    if not matches(expected, ours):
        shown = ours.splitlines()[0] if is_error or ours.partition(":")[0].endswith("Error") else ours.replace("\n", "\\n")
        lines.append(f"!= {shown}          {example.reason or 'WHY?'}")
    return lines


def record(path: Path) -> None:
    transcript, lines, setup = read(path), [], ""
    lines += [line for line in transcript.head if line]
    theirs, ours = namespace_of(THEIRS.module), namespace_of(OURS.module)
    for example in transcript.examples:
        if example.setup != setup:
            setup = example.setup
            lines += ["", f"each: {setup}"]
        lines += written(example, run(example, theirs), run(example, ours))
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        record(FOLDER / f"{name}.txt")
