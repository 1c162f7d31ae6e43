"""The bugs that plant.py plants: where they fit in a file, and the edits that make them.

Every edit stays within one line and no line moves, so that a finding's line can be compared
with that of the untouched file.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scopes import ASYNCIO_COROUTINES, Function, Names, Scope, own_nodes

# Mutation -> the lint that should find it.
EXPECTED = {
    "drop-await": "missing-await",
    "block-sleep": "blocking-sleep",
    "bare-except": "swallowed-cancellation",
    "drop-task-name": "dangling-task",
}

CREATES_TASK = frozenset({"asyncio.create_task", "asyncio.ensure_future"})

# Methods whose results run by themselves: to drop the await is not to forget a coroutine.
STARTED = frozenset({"create_task", "ensure_future", "run_in_executor"})

# A handler, or one before it, that names one of these already deals with cancellation.
CANCELLATION = frozenset(
    {"BaseException", "CancelledError", "Cancelled", "get_cancelled_exc_class"}
)


@dataclass(frozen=True, order=True)
class Edit:
    """Replace the bytes `start..end` of a line (counted from 1)."""

    line: int
    start: int
    end: int
    text: bytes


@dataclass(frozen=True)
class Site:
    """One place where one mutation fits."""

    mutation: str
    project: str
    path: str
    line: int
    # Line of the outermost function around it: only one site in each is used.
    function: int
    # Whether the file alone shows what is called.
    visible: bool
    edits: tuple[Edit, ...]

    @property
    def identity(self) -> str:
        """For the seeded draw."""
        return f"{self.project}/{self.path}:{self.line}"

    @property
    def lint(self) -> str:
        """The lint that should find it."""
        return EXPECTED[self.mutation]


class Unsuitable(Exception):
    """The file cannot be read by this Python, or edited safely."""


def parse(data: bytes) -> ast.Module:
    """The tree of a file whose `ast` columns are bytes of `data`."""
    if b"\r" in data.replace(b"\r\n", b""):
        raise Unsuitable("CR line ends")
    try:
        # In another encoding, and after a byte order mark, the columns are those of other bytes.
        if tokenize.detect_encoding(io.BytesIO(data).readline)[0] != "utf-8":
            raise Unsuitable("not plain UTF-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unsuitable(str(error)) from error


def apply(data: bytes, edits: set[Edit]) -> bytes:
    """`data` with the edits made; no two may overlap."""
    lines = data.split(b"\n")
    for edit in sorted(edits, reverse=True):
        line = lines[edit.line - 1]
        lines[edit.line - 1] = line[: edit.start] + edit.text + line[edit.end :]
    return b"\n".join(lines)


def compiles(data: bytes) -> bool:
    """Whether CPython takes it as a module."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def sites(data: bytes, project: str, path: Path) -> list[Site]:
    """All sites of a file, in source order."""
    module = parse(data)
    finder = _Finder(data, module)
    finder.visit(module, [module])
    found = [
        Site(mutation, project, path.as_posix(), line, function, visible, tuple(edits))
        for mutation, line, function, visible, edits in finder.found
    ]
    return sorted(found, key=lambda site: (site.line, site.mutation))


class _Finder:
    """Walks one file, scope by scope."""

    def __init__(self, data: bytes, module: ast.Module) -> None:
        self.lines = data.split(b"\n")
        self.module = module
        self.names = Names(module)
        self.found: list[tuple[str, int, int, bool, list[Edit]]] = []

    def visit(self, scope: Scope, scopes: list[Scope]) -> None:
        """Collect the sites of `scope`, the last of `scopes`, and of those inside it."""
        for node in own_nodes(scope.body):
            if isinstance(node, Function | ast.ClassDef):
                self.visit(node, [*scopes, node])
                continue
            if not isinstance(scope, Function):
                continue
            if isinstance(scope, ast.AsyncFunctionDef):
                match node:
                    case ast.Expr(value=ast.Await(value=ast.Call() as call) as awaited):
                        self.drop_await(awaited, call, scopes)
                        self.block_sleep(awaited, call, scopes)
                    case ast.Try():
                        self.bare_except(node, scopes)
            match node:
                case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=ast.Call()):
                    self.drop_task_name(node, target, scopes)
                case ast.AnnAssign(target=ast.Name() | ast.Attribute(), value=ast.Call()):
                    self.drop_task_name(node, node.annotation, scopes)

    def add(
        self, mutation: str, line: int, scopes: list[Scope], edits: list[Edit], visible: bool = True
    ) -> None:
        """Keep a site."""
        outermost = next(scope for scope in scopes if isinstance(scope, Function))
        self.found.append((mutation, line, outermost.lineno, visible, edits))

    def between(self, line: int, start: int, end: int) -> bytes:
        """Some bytes of a line."""
        return self.lines[line - 1][start:end]

    def drop_await(self, awaited: ast.Await, call: ast.Call, scopes: list[Scope]) -> None:
        """`await f()` becomes `f()`."""
        callee = self.names.dotted(call.func, scopes) or ""
        if callee.startswith("asyncio.") and callee not in ASYNCIO_COROUTINES:
            # `gather`, `shield` and their like are already running: another lint's matter.
            return
        if isinstance(call.func, ast.Attribute) and call.func.attr in STARTED:
            return
        line, start, end = awaited.lineno, awaited.col_offset, call.col_offset
        if call.lineno != line or self.between(line, start, end).strip() != b"await":
            return
        visible = self.names.is_visible_coroutine(call.func, scopes)
        self.add("drop-await", line, scopes, [Edit(line, start, end, b"")], visible)

    def block_sleep(self, awaited: ast.Await, call: ast.Call, scopes: list[Scope]) -> None:
        """`await asyncio.sleep(x)` becomes `time.sleep(x)`."""
        seconds = call.args[0] if call.args else None
        if isinstance(seconds, ast.Constant) and not seconds.value:
            # `time.sleep(0)` waits for nothing.
            return
        if self.names.dotted(call.func, scopes) != "asyncio.sleep":
            return
        line, start, end = awaited.lineno, awaited.col_offset, call.func.end_col_offset
        if len(call.args) != 1 or call.keywords or call.func.end_lineno != line or end is None:
            return
        if self.between(line, start, call.func.col_offset).strip() != b"await":
            return
        edits = [Edit(line, start, end, b"time.sleep")]
        time = self.names.lookup("time", scopes)
        if time is None:
            imported = self.import_time()
            if imported is None:
                return
            edits.append(imported)
        elif time != "time":
            return
        self.add("block-sleep", line, scopes, edits)

    def import_time(self) -> Edit | None:
        """`import time;` before the first import on its line, which moves no line."""
        for statement in self.module.body:
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                continue
            if isinstance(statement, ast.Import | ast.ImportFrom):
                at = statement.col_offset
                return Edit(statement.lineno, at, at, b"import time; ")
        return None

    def bare_except(self, statement: ast.Try, scopes: list[Scope]) -> None:
        """`except SomeError:` becomes `except:`."""
        if not statement.handlers or not _awaits_directly(statement.body):
            return
        *earlier, last = statement.handlers
        if last.type is None or last.name is not None or any(map(_names_cancellation, earlier)):
            return
        if _names_cancellation(last):
            return
        if any(isinstance(node, ast.Raise) for node in ast.walk(last)):
            return
        if self.cancels_before(last.lineno, scopes):
            return
        line, start = last.lineno, last.col_offset + len(b"except")
        if last.type.end_lineno != line or last.type.end_col_offset is None:
            return
        rest = re.match(rb"[\s)]*(?=:)", self.lines[line - 1][last.type.end_col_offset :])
        if rest is None:
            return
        end = last.type.end_col_offset + rest.end()
        self.add("bare-except", line, scopes, [Edit(line, start, end, b"")])

    def cancels_before(self, line: int, scopes: list[Scope]) -> bool:
        """Whether the function cancels something first: then swallowing that is right."""
        return any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "cancel"
            and node.lineno <= line
            for node in own_nodes(scopes[-1].body)
        )

    def drop_task_name(
        self, statement: ast.Assign | ast.AnnAssign, before: ast.expr, scopes: list[Scope]
    ) -> None:
        """`task = asyncio.create_task(f())` becomes `asyncio.create_task(f())`.

        `before` is what stands in front of the equals sign.
        """
        call = statement.value
        assert isinstance(call, ast.Call)
        if self.names.dotted(call.func, scopes) not in CREATES_TASK:
            return
        line, start, end = statement.lineno, statement.col_offset, call.col_offset
        if call.lineno != line or before.end_lineno != line or before.end_col_offset is None:
            return
        if self.between(line, before.end_col_offset, end).strip() != b"=":
            return
        self.add("drop-task-name", line, scopes, [Edit(line, start, end, b"")])


def _awaits_directly(body: list[ast.stmt]) -> bool:
    """Whether an await in `body` meets the handlers of this `try` before any others."""
    return any(isinstance(node, ast.Await) for node in _outside_inner_tries(body))


def _outside_inner_tries(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of `body` without nested scopes and nested `try` statements."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda | ast.Try | ast.TryStar):
            continue
        yield node
        pending.extend(ast.iter_child_nodes(node))


def _names_cancellation(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is bare or catches cancellation by name."""
    if handler.type is None:
        return True
    return any(
        (isinstance(node, ast.Name) and node.id in CANCELLATION)
        or (isinstance(node, ast.Attribute) and node.attr in CANCELLATION)
        for node in ast.walk(handler.type)
    )
