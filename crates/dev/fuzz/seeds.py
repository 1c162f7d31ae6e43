"""Cuts the fixtures, and other Python files, into small files for the fuzzers to begin with.

Each function or class becomes a file of its own, with the imports of its module and what else of
the module it names, so that short inputs reach every lint: cut off after some hundred bytes, most
fixtures are no more than imports. Of other files only what is async is taken.

    python3 seeds.py SEEDS [FOLDER...] [--most BYTES]
"""

from __future__ import annotations

import argparse
import ast
import hashlib
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"


def bound(statement: ast.stmt) -> set[str]:
    """The names that a statement of a module binds."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(it.asname or it.name).split(".")[0] for it in statement.names}
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def named(statement: ast.stmt) -> set[str]:
    """The names that a statement reads, at any depth."""
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def pieces(text: str) -> list[str]:
    """One file for each function and class of `text`, with what it needs of the others."""
    lines = text.splitlines(keepends=True)
    body = ast.parse(text).body
    binds, names = [bound(it) for it in body], [named(it) for it in body]
    found = []
    for chosen, statement in enumerate(body):
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        kept, wanted = {chosen}, set(names[chosen])
        while more := {at for at, own in enumerate(binds) if own & wanted} - kept:
            kept |= more
            wanted = wanted.union(*(names[at] for at in more))
        parts = []
        for statement in (body[at] for at in sorted(kept)):
            decorators = getattr(statement, "decorator_list", [])
            first = min([statement.lineno, *(it.lineno for it in decorators)]) - 1
            # A comment above says what the lines below are for, or silences them.
            while first and lines[first - 1].startswith("#"):
                first -= 1
            parts.append("".join(lines[first : statement.end_lineno]))
        found.append("".join(parts))
    return found


def seeds(path: Path, *, is_fixture: bool) -> list[bytes]:
    """The pieces of a file; a fixture that Python does not read is one as a whole."""
    data = path.read_bytes()
    if not (is_fixture or b"async " in data):
        return []
    try:
        found = pieces(data.decode("utf-8"))
    except (SyntaxError, ValueError, RecursionError):
        return [data] if is_fixture else []
    return [piece.encode("utf-8") for piece in found if is_fixture or "async " in piece]


def main() -> None:
    """Writes the seeds and says how many there are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=Path, help="where to write them")
    parser.add_argument("folders", type=Path, nargs="*", help="Python files beside the fixtures")
    parser.add_argument("--most", type=int, default=800, help="no file beyond so many bytes")
    arguments = parser.parse_args()
    arguments.seeds.mkdir(parents=True, exist_ok=True)
    written = set()
    for folder in [FIXTURES, *arguments.folders]:
        for path in sorted(folder.rglob("*.py")):
            for data in seeds(path, is_fixture=folder is FIXTURES):
                name = hashlib.sha256(data).hexdigest()[:16]
                if len(data) <= arguments.most and name not in written:
                    (arguments.seeds / f"{name}.py").write_bytes(data)
                    written.add(name)
    print(f"{len(written)} seeds in {arguments.seeds}")


if __name__ == "__main__":
    main()
