"""Locks, queues and values that several tasks share."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scopes import Function

from .place import Place, is_of_self
from .registry import Plant, mutation
from .text import Edit

# Names of functions that run once.
ONCE = re.compile("main|start|setup|init|run|open|connect|test|loop|begin|enter")


@mutation("thread-lock", ast.AsyncWith, lints="sync-lock-across-await")
def thread_lock(node: ast.AsyncWith, at: Place) -> Iterator[Plant]:
    """`self.lock = asyncio.Lock()` becomes `threading.Lock()`, and `async with self.lock` `with`"""
    if len(node.items) != 1:
        return
    lock = node.items[0].context_expr
    if not is_of_self(lock) or not at.is_made_by(lock, "asyncio.Lock"):
        return
    assert isinstance(lock, ast.Attribute)
    if not any(isinstance(inner, ast.Await) for inner in _waits(node)):
        return
    if at.is_annotated(lock):
        # The annotation would say still what the lock was.
        return
    edits: list[Edit] = []
    for value in at.values_of(lock):
        assert isinstance(value, ast.Call)
        text = at.expression(value.func)
        if text != b"asyncio.Lock":
            return
        line, start = value.lineno, value.func.col_offset
        edits.append(Edit(line, start, start + len(b"asyncio"), b"threading"))
    uses = [
        inner
        for inner in ast.walk(at.file.module)
        if isinstance(inner, ast.Attribute)
        and inner.attr == lock.attr
        and isinstance(inner.ctx, ast.Load)
    ]
    for use in uses:
        holder = at.file.parents[use]
        statement = at.file.parents[holder] if isinstance(holder, ast.withitem) else None
        if not isinstance(statement, ast.AsyncWith) or len(statement.items) != 1:
            # Another kind of use tells what the lock is.
            return
        if statement is not node and any(_waits(statement)):
            # One finding for one lock.
            return
        start = statement.col_offset
        keyword = re.match(rb"async[ \t]+", at.file.lines[statement.lineno - 1][start:])
        if keyword is None:
            return
        edits.append(Edit(statement.lineno, start, start + keyword.end(), b""))
    with_import = at.with_import("threading", edits)
    if with_import:
        yield Plant(node.lineno, with_import)


def _waits(node: ast.AsyncWith) -> list[ast.AST]:
    """What suspends the coroutine in a block."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = list(node.body)
    while pending:
        inner = pending.pop()
        if isinstance(inner, Function | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(inner, ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield):
            found.append(inner)
        pending.extend(ast.iter_child_nodes(inner))
    return found


@mutation("lock-twice", ast.AsyncWith, lints="lock-reentry")
def lock_twice(node: ast.AsyncWith, at: Place) -> Iterator[Plant]:
    """`async with lock` becomes `async with lock, lock`, where the file shows an `asyncio.Lock`"""
    if len(node.items) != 1 or node.items[0].optional_vars is not None:
        return
    lock = node.items[0].context_expr
    text = at.expression(lock)
    if text is None or not at.is_made_by(lock, "asyncio.Lock"):
        return
    end = lock.end_col_offset or 0
    yield Plant(lock.lineno, [Edit(lock.lineno, end, end, b", " + text)])


@mutation("lost-update", ast.AugAssign, lints="lost-update-across-await")
def lost_update(node: ast.AugAssign, at: Place) -> Iterator[Plant]:
    """`self.x += y` becomes `self.x += await asyncio.sleep(0, y)`, where `self.x` is a number"""
    if not is_of_self(node.target) or at.function.name.startswith("__"):
        return
    if ONCE.search(at.function.name):
        # What runs once is alone.
        return
    values = at.values_of(_read(node.target), augmented=True)
    if not values or not all(_is_number(value) for value in values):
        return
    alone = ast.With | ast.AsyncWith | ast.While | ast.For | ast.AsyncFor
    if any(isinstance(outer, alone) for outer in at.around(node)):
        # There may be a lock, or a loop that is the only writer.
        return
    line, end = node.lineno, node.value.end_col_offset or 0
    if node.end_lineno != line or at.file.names.lookup("asyncio", at.scopes) != "asyncio":
        return
    start = node.value.col_offset
    edits = [Edit(line, start, start, b"await asyncio.sleep(0, "), Edit(line, end, end, b")")]
    yield Plant(line, edits)


def _read(target: ast.expr) -> ast.expr:
    """What is assigned to, as it looks where it is read."""
    assert isinstance(target, ast.Attribute)
    return ast.Attribute(target.value, target.attr, ast.Load())


def _is_number(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float)


@mutation("forget-task-done", ast.Expr, lints="queue-protocol")
def forget_task_done(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`queue.task_done()` becomes `pass`, where the file joins the queue"""
    call = node.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    queue = call.func.value
    if call.func.attr != "task_done" or not at.whole_line(node):
        return
    calls = [
        inner.func
        for inner in ast.walk(at.file.module)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute)
    ]
    joined = {ast.dump(func.value) for func in calls if func.attr == "join"}
    done = [func for func in calls if func.attr == "task_done"]
    taken = [
        inner
        for inner in at.own
        if isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr in {"get", "get_nowait"}
        and ast.dump(inner.func.value) == ast.dump(queue)
    ]
    if ast.dump(queue) in joined and len(done) == 1 and len(taken) == 1:
        start, end = node.col_offset, node.end_col_offset or 0
        yield Plant(taken[0].lineno, [Edit(node.lineno, start, end, b"pass")])
