#!/usr/bin/env python3
"""Pages whose code runs: Markdown in which a block of code is followed by what it prints.

    tools/pages.py program PAGE          the C++ program made of the page's ```cpp blocks
    tools/pages.py check PAGE PROGRAM    runs that program and compares; TWOFOLD_UPDATE=1 writes the page anew

A block that includes something stands at the program's top; every other one is the body of a function.
tests/python/test_docs.py runs the ```python blocks, as one program with one set of names.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

MARK = "\x1e"  # ends the output of a block
BLOCK = re.compile(r"```(python|cpp)\n(?P<code>.*?)```\n(?:\n```text\n(?P<out>.*?)```\n)?", re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


class Page:
    def __init__(self, path):
        self.path, self.text = Path(path), Path(path).read_text()

    def blocks(self, language):
        return [b for b in BLOCK.finditer(self.text) if b[1] == language]

    def code(self, language):
        return [b["code"] for b in self.blocks(language)]

    def section(self, block):
        """The heading over a block, as a file name: a location in an error changes only with its section."""
        title = HEADING.findall(self.text, 0, block.start())[-1]
        return re.sub(r"\W+", "_", title.lower()).strip("_") + ".cpp"

    def settle(self, language, printed):
        """The (shown, printed) pairs that differ; none after writing the page anew."""
        blocks = self.blocks(language)
        pairs = [(b["out"] or "", out) for b, out in zip(blocks, printed)]
        if len(printed) != len(blocks) + 1 or printed[-1]:
            return [("", "".join(printed[len(blocks):]))]
        if not os.environ.get("TWOFOLD_UPDATE"):
            return [pair for pair in pairs if pair[0] != pair[1]]
        for block, (_, out) in reversed(list(zip(blocks, pairs))):
            shown = f"\n```text\n{out}```\n" if out else ""
            self.text = f"{self.text[:block.start()]}```{language}\n{block['code']}```\n{shown}{self.text[block.end():]}"
        self.path.write_text(self.text)
        return []


def program(page):
    top, functions, calls = ["#include <iostream>"], [], []
    for number, block in enumerate(page.blocks("cpp")):
        code = f'#line 1 "{page.section(block)}"\n{block["code"]}'
        if "#include" in code:
            top.append(code)
        else:
            functions.append(f"static void block_{number}() {{\n{code}}}\n")
            calls.append(f"  block_{number}();")
        calls.append(f"  std::cout << '\\x{ord(MARK):x}' << std::flush;")
    return "\n".join([*top, *functions, "int main() {", *calls, "}\n"])


def check(page, command):
    done = subprocess.run([command], stdout=subprocess.PIPE, text=True)
    wrong = page.settle("cpp", done.stdout.split(MARK)) if done.returncode == 0 else [("", done.stdout)]
    for shown, printed in wrong:
        print(f"{page.path} shows:\n{shown}\nbut the program prints:\n{printed}")
    return f"exit status {done.returncode}, {len(wrong)} blocks differ" if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("program", "check"):
        sys.exit(__doc__)
    page = Page(sys.argv[2])
    if sys.argv[1] == "check":
        sys.exit(check(page, sys.argv[3]))
    print(program(page), end="")
