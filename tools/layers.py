#!/usr/bin/env python3
"""Checks who includes whom: `tools/layers.py`, from the root. Prints one line per offence; exit status 1.

Every file belongs to a layer: src/<layer>/... by its folder, a public header by the table PUBLIC. A file may
include its own layer and those that ALLOWED names. Public headers include only public and standard headers,
and includes form no cycle.
"""

import pathlib
import re
import sys

# Layer -> the layers it may include. PRIVATE_FREE ones may also include any public header.
ALLOWED = {
    "base": "",
    "lanes": "base",
    "kernels": "base lanes",
    "core": "base lanes kernels",
    "ops": "base core lanes kernels",
    "eager": "base core kernels ops",
    "graph": "base core lanes kernels ops",
    "nn": "base core ops eager graph",
    "optim": "base core ops eager graph",
    "data": "base core ops eager graph",
    "io": "base core",
    "check": "*",
    "cli": "*",
    "python": "*",
    "all": "*",  # the umbrella header
    "examples": "",
    "package": "",
    "bench": "*",
    "tests": "*",
}
PRIVATE_FREE = {"nn", "optim", "data", "io", "examples", "package"}

# Public header (or folder) in include/twofold/ -> its layer.
PUBLIC = {
    "error.h": "base",
    "dtype.h": "base",
    "shape.h": "base",
    "ref.h": "base",
    "ops": "ops",
    "control.h": "ops",
    "tensor.h": "core",
    "generator.h": "core",
    "print.h": "core",
    "ops.h": "ops",
    "ops.gen.h": "ops",
    "eager.h": "eager",
    "graph.h": "graph",
    "collections.h": "core",
    "function.h": "core",
    "samples.h": "graph",
    "session.h": "graph",
    "nn.h": "nn",
    "optim.h": "optim",
    "data.h": "data",
    "io.h": "io",
    "twofold.h": "all",
}

ROOTS = ["include", "src", "tests", "bench", "examples"]
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
STANDARD = re.compile(r"[a-z_0-9]+$")  # <vector>, but not <zlib.h> or <fmt/core.h>
SUFFIXES = {".h", ".cpp", ".inc"}
THIS_FILE = "tools/layers.py"


def layer_of(path):
    """The layer of a repository path, or None when the table PUBLIC does not know it."""
    parts = pathlib.PurePath(path).parts
    if parts[0] == "include":
        return PUBLIC.get(parts[2])
    if parts[:2] == ("tests", "package"):
        return "package"
    return parts[1] if parts[0] == "src" else parts[0]


def resolve(path, name):
    """The repository path that `#include "name"` in `path` means, or None."""
    folders = ["include", "src", "tests"] if path.startswith("tests/") else ["include", "src"]
    candidates = [pathlib.PurePath(f, name) for f in [pathlib.PurePath(path).parent, *folders]]
    return next((c.as_posix() for c in candidates if pathlib.Path(c).is_file()), None)


def offence(path, quote, name):
    """What is wrong with one include, or None."""
    public = path.startswith("include/")
    if quote == "<":
        return f"public header includes third-party <{name}>" if public and not STANDARD.match(name) else None
    target = resolve(path, name)
    if target is None:
        return f'"{name}" is no file of ours (third-party headers go in <>)'
    target_public = target.startswith("include/")
    if public and not target_public:
        return f'public header includes private "{name}"'
    layer, target_layer = layer_of(path), layer_of(target)
    allowed = ALLOWED[layer].split()
    if target_layer == layer or "*" in allowed or target_layer in allowed:
        return None
    if target_public and layer in PRIVATE_FREE:
        return None
    return f'{layer} may not include "{name}" ({target_layer})'


def find_cycle(graph):
    """One cycle of includes as a list of paths, or an empty list."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return []
        trail.append(node)
        for target in graph[node]:
            if cycle := visit(target):
                return cycle
        done.add(trail.pop())
        return []

    return next((cycle for node in sorted(graph) if (cycle := visit(node))), [])


def unknown_layer(path):
    layer = layer_of(path)
    if layer in ALLOWED:
        return None
    return f"belongs to no layer: add it to {'PUBLIC' if layer is None else 'ALLOWED'} in {THIS_FILE}"


def main():
    found = (p for root in ROOTS for p in pathlib.Path(root).rglob("*"))
    files = sorted(p.as_posix() for p in found if p.suffix in SUFFIXES)
    problems = [f"{f}: {problem}" for f in files if (problem := unknown_layer(f))]
    if not problems:
        includes = {f: INCLUDE.findall(pathlib.Path(f).read_text(encoding="utf-8")) for f in files}
        offences = ((f, offence(f, quote, name)) for f in files for quote, name in includes[f])
        problems = [f"{f}: {problem}" for f, problem in offences if problem]
        graph = {f: [t for q, n in includes[f] if q == '"' and (t := resolve(f, n))] for f in files}
        if cycle := find_cycle(graph):
            problems.append("include cycle: " + " -> ".join(cycle))
    print("\n".join(problems) if problems else f"layers: {len(files)} files, no offence")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
