#!/usr/bin/env python3
"""The budgets of size and time.

  tools/budgets.py lengths        lengths of files and functions; exit status 1 when a file is over the limit
  tools/budgets.py times BUILD    the slowest compilations of a build, from its ninja log
"""

import pathlib
import subprocess
import sys

ROOTS = ["include", "src", "tests", "bench", "examples", "tools"]
SUFFIXES = {".h", ".cpp", ".inc", ".py", ".sh"}
FILE_LINES = 600
COMPILE_SECONDS = 10


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def summary(what, unit, values, limit=""):
    print(f"{what}: {len(values)}, median {percentile(values, 0.5)}, p90 {percentile(values, 0.9)}, "
          f"longest {max(values, default=0)} {unit}{limit}")


def our_files():
    paths = (p for root in ROOTS for p in pathlib.Path(root).rglob("*"))
    return sorted(p for p in paths if p.suffix in SUFFIXES and ".gen." not in p.name)


def functions(paths):
    """(lines, name, place) of every C++ function, as universal-ctags sees it."""
    command = ["ctags", "-x", "--languages=C++", "--kinds-C++=f", "--langmap=C++:+.inc",
               "--_xformat=%{line}\t%{end}\t%N\t%F", "-L", "-"]
    listing = "\n".join(str(p) for p in paths if p.suffix in {".h", ".cpp", ".inc"})
    output = subprocess.run(command, input=listing, capture_output=True, text=True, check=True).stdout
    rows = (line.split("\t") for line in output.splitlines())
    return [(int(end) - int(start) + 1, name, f"{place}:{start}") for start, end, name, place in rows if end]


def lengths():
    paths = our_files()
    lines = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in paths}
    summary("files", "lines", lines.values(), f" (limit {FILE_LINES})")
    found = functions(paths)
    summary("functions", "lines", [f[0] for f in found])
    for count, name, place in sorted(found, reverse=True)[:5]:
        print(f"  {count:4} {name} {place}")
    too_long = [p for p in paths if lines[p] > FILE_LINES]
    for p in too_long:
        print(f"{p}: {lines[p]} lines, the limit is {FILE_LINES}")
    return 1 if too_long else 0


def times(build):
    log = pathlib.Path(build, ".ninja_log").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in log.splitlines() if not line.startswith("#")]
    compiled = (row for row in rows if row[3].endswith((".o", ".gch", ".pch")))
    seconds = {row[3]: (int(row[1]) - int(row[0])) / 1000 for row in compiled}
    print(f"compilations: {len(seconds)}, {sum(seconds.values()):.0f} s in all (limit {COMPILE_SECONDS} s each)")
    for output, s in sorted(seconds.items(), key=lambda item: -item[1])[:10]:
        print(f"  {s:5.1f} s {output}{'  OVER' if s > COMPILE_SECONDS else ''}")
    return 0


def main(arguments):
    if arguments == ["lengths"]:
        return lengths()
    if len(arguments) == 2 and arguments[0] == "times":
        return times(arguments[1])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
