#!/usr/bin/env python3
"""Run the linter over all corpora: panics, timeouts, syntax findings on valid files."""

from __future__ import annotations

import argparse
import ast
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import corpora
import linter

SYNTAX = "invalid-syntax"

# The corpora are made for this Python: an older one rejects some of their files rightly.
NEWEST = tuple(int(part) for part in corpora.PYTHON_VERSION.split("."))


@dataclass
class Syntax:
    """What CPython says of the files with syntax findings."""

    accepted: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)


def cpython_error(path: Path) -> str | None:
    """Why this CPython does not take the file; None if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(path.read_bytes())
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None


def narrow(program: Path, root: Path, target: str, options: argparse.Namespace) -> str:
    """The smallest file or folder below `target` that gives the same kind of trouble alone."""
    folder = root / target
    if not folder.is_dir():
        return target
    for child in sorted(folder.iterdir()):
        wanted = child.suffix in {".py", ".pyi"} or child.is_dir()
        if not wanted or child.name in corpora.EXCLUDED:
            continue
        below = child.relative_to(root).as_posix()
        run = linter.run(program, root, below, threads=options.threads, timeout=options.timeout)
        if run.trouble is not None:
            return narrow(program, root, below, options)
    return target


def check_syntax(tree: Path, findings: list[linter.Finding], syntax: Syntax) -> None:
    """Sort the files with a syntax finding by what CPython says; one line a file."""
    seen = set()
    for found in findings:
        if found.lint != SYNTAX or found.path in seen:
            continue
        seen.add(found.path)
        path = tree / found.path
        place = f"{tree.name}/{found.path}:{found.row}:{found.column}: {found.message}"
        error = cpython_error(path)
        if error is None:
            syntax.accepted.append(place)
        else:
            syntax.rejected.append(f"{place} (CPython, {error})")


def report_syntax(syntax: Syntax, files: int) -> None:
    """Print the false syntax findings, and those that this CPython cannot settle."""
    version = ".".join(map(str, sys.version_info[:3]))
    share = 100 * len(syntax.accepted) / files if files else 0
    print(
        f"syntax findings on files that CPython {version} accepts: "
        f"{len(syntax.accepted)} ({share:.3f} % of {files} files)"
    )
    for line in syntax.accepted:
        print(f"    {line}")
    print(f"syntax findings on files that CPython {version} rejects too: {len(syntax.rejected)}")
    if syntax.rejected and sys.version_info[:2] < NEWEST:
        print(
            f"    CPython {version} is older than the {corpora.PYTHON_VERSION} that the corpora "
            "are made for: some of these may be valid there, see its reasons"
        )
    for line in syntax.rejected:
        print(f"    {line}")


def main() -> None:
    """Run, report, exit with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="corpora (default: all)")
    parser.add_argument(
        "--timeout", type=float, default=300, help="seconds for one run (default: %(default)s)"
    )
    corpora.add_dir_argument(parser)
    linter.add_arguments(parser)
    options = parser.parse_args()
    program = linter.binary(options)
    rows = corpora.named(options.names) if options.names else corpora.load()
    syntax = Syntax()
    troubles: list[str] = []
    total = 0
    for row, tree in zip(rows, corpora.trees(rows, options.dir), strict=True):
        files, _ = corpora.size(tree)
        total += files
        run = linter.run(program, tree, threads=options.threads, timeout=options.timeout)
        state = run.trouble or f"exit code {run.exit_code}, {len(run.findings)} findings"
        print(f"{row.stem}: {files} files, {run.seconds:.1f} s, {state}", flush=True)
        if run.trouble is not None:
            where = narrow(program, tree, ".", options)
            troubles.append(f"{row.stem}/{where}: {run.trouble}\n{run.stderr[-2000:]}".rstrip())
        check_syntax(tree, run.findings, syntax)
    print(f"\npanics, crashes, timeouts and broken output: {len(troubles)}")
    for trouble in troubles:
        print("    " + trouble.replace("\n", "\n        "))
    report_syntax(syntax, total)
    sys.exit(1 if troubles or syntax.accepted else 0)


if __name__ == "__main__":
    main()
