#!/usr/bin/env python3
"""Make every fix in copies of real trees: the files must stay Python, a second run must find
nothing to do, and what was fixed must be gone. With --size, show some of the fixes to be read."""

from __future__ import annotations

import argparse
import ast
import random
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import corpora
import linter

KEPT = {".py", ".pyi", ".toml", ".cfg", ".ini"}
FOUND = re.compile(r"^[^\n]*?:\d+:\d+: \w+\[([\w-]+)\]", re.MULTILINE)
FIXED = re.compile(r"^    (\d+) \u00d7 (\S+)$", re.MULTILINE)


@dataclass
class Result:
    """What fixing one tree gave."""

    name: str
    fixed: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)


def python_error(source: bytes) -> str | None:
    """Why this CPython does not compile the text; None if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(ast.parse(source), "<fixed>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None


def copy(tree: Path, target: Path) -> None:
    """The Python files of a tree and what configures them."""
    for path in tree.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix in KEPT:
            new = target / path.relative_to(tree)
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, new)


def call(
    options: argparse.Namespace, root: Path, *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    """`asynclint check` in `root`."""
    flags = ["--isolated", "--no-cache", "--unsafe-fixes"]
    command = [str(options.program), "check", ".", *flags, *arguments]
    command += ["--target-version", options.target_version]
    return subprocess.run(
        command,
        cwd=root,
        env=linter.environment(options.threads),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


def counts(options: argparse.Namespace, root: Path) -> Counter[str]:
    """How often each lint finds something."""
    found = call(options, root, "--output-format", "concise", "--quiet", "--exit-zero")
    return Counter(FOUND.findall(found.stdout.decode()))


def fix(options: argparse.Namespace, tree: Path) -> Result:
    """Fix a copy of `tree` and look at what came out."""
    result = Result(tree.name)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / tree.name
        copy(tree, root)
        files = {path: path.read_bytes() for path in root.rglob("*.py")}
        before = counts(options, root)
        if options.size:
            shown = call(options, root, "--output-format", "full", "--quiet", "--exit-zero")
            result.shown = with_fixes(shown.stdout.decode(), tree.name)
        run = call(options, root, "--fix", "--show-fixes", "--output-format", "concise")
        complaints = run.stderr.decode().splitlines()
        result.troubles += [line for line in complaints if "cannot fix" in line]
        output = run.stdout.decode()
        listed = output[("\n" + output).rfind("\nFixed ") :]
        for count, lint in FIXED.findall(listed):
            result.fixed[lint] += int(count)
        for path, text in files.items():
            after_fix = path.read_bytes()
            error = python_error(after_fix) if after_fix != text else None
            # Some files are for a newer Python than this one.
            if error is not None and python_error(text) is None:
                result.troubles.append(f"{path.relative_to(root)} is no Python any more: {error}")
        again = call(options, root, "--diff", "--quiet")
        if again.stdout:
            diff = again.stdout.decode(errors="replace")
            result.troubles.append(f"a second run goes on:\n{diff}")
        after = counts(options, root)
        for lint in sorted(before | after):
            if after[lint] > before[lint]:
                result.troubles.append(f"{lint}: {before[lint]} findings became {after[lint]}")
        fixed, gone = result.fixed.total(), before.total() - after.total()
        if gone < fixed - options.new:
            result.troubles.append(f"{fixed} fixed, and {gone} findings are gone")
    return result


def with_fixes(text: str, name: str) -> list[tuple[str, str]]:
    """The findings that have a fix: lint and text."""
    found = []
    for block in re.split(r"\n\n(?=\w+\[)", text.strip()):
        lint = re.match(r"\w+\[([\w-]+)\]", block)
        if lint is not None and re.search(r"^ *= (unsafe )?fix: ", block, re.MULTILINE):
            found.append((lint[1], block.replace("--> ", f"--> {name}/", 1)))
    return found


def main() -> None:
    """Fix, report, exit with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="corpora (default: all)")
    parser.add_argument("--tree", type=Path, action="append", default=[], help="a folder besides")
    parser.add_argument("--target-version", default="3.11", help="(default: %(default)s)")
    parser.add_argument("--size", type=int, default=0, help="fixes of each lint to show")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: %(default)s)")
    parser.add_argument(
        "--new", type=int, default=0, help="findings that fixes may bring about in a tree"
    )
    corpora.add_dir_argument(parser)
    linter.add_arguments(parser)
    options = parser.parse_args()
    options.program = linter.binary(options)
    trees = list(options.tree)
    if options.names or not trees:
        rows = corpora.named(options.names) if options.names else corpora.load()
        trees += corpora.trees(rows, options.dir)
    results = []
    for tree in trees:
        result = fix(options, tree)
        results.append(result)
        each = ", ".join(f"{lint} {count}" for lint, count in sorted(result.fixed.items()))
        print(f"{result.name}: {result.fixed.total()} fixed ({each or 'nothing'})", flush=True)
        for trouble in result.troubles:
            print("    " + trouble.replace("\n", "\n        "), flush=True)
    total = sum(result.fixed.total() for result in results)
    wrong = sum(len(result.troubles) for result in results)
    print(f"\n{total} fixed in {len(results)} trees, {wrong} troubles")
    draw = random.Random(options.seed)
    for lint in sorted({lint for result in results for lint, _ in result.shown}):
        blocks = [block for result in results for own, block in result.shown if own == lint]
        for block in draw.sample(blocks, min(options.size, len(blocks))):
            print(f"\n{block}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
