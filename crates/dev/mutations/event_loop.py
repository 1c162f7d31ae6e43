"""Event loops that are run, got, or called in the wrong place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scopes import Function, own_nodes

from .blocking import TO_THREAD
from .place import Place, in_brackets, last_name
from .registry import Plant, mutation
from .text import Edit

TAKES_LOOP = frozenset(
    {"asyncio.Event", "asyncio.Lock", "asyncio.Queue", "asyncio.Semaphore", "asyncio.gather",
     "asyncio.sleep", "asyncio.wait_for"}
)  # fmt: skip


@mutation("run-in-coroutine", ast.Await, lints="nested-event-loop")
def run_in_coroutine(node: ast.Await, at: Place) -> Iterator[Plant]:
    """`await f()` becomes `asyncio.run(f())`"""
    found = at.awaited_call(node)
    if found is None or not at.visible(found[0].func) or at.dotted(found[0].func):
        return
    if any(isinstance(outer, ast.Try | ast.ExceptHandler) for outer in at.around(node)):
        # The error is expected in a handler, and where `RuntimeError` is handled.
        return
    call, edit = found
    if at.file.names.lookup("asyncio", at.scopes) != "asyncio":
        return
    end, column = call.end_lineno or 0, call.end_col_offset or 0
    edits = [
        Edit(edit.line, edit.start, edit.end, b"asyncio.run("),
        Edit(end, column, column, b")"),
    ]
    yield Plant(edit.line, edits)


@mutation("get-event-loop", ast.Attribute, lints="manual-event-loop")
def get_event_loop(node: ast.Attribute, at: Place) -> Iterator[Plant]:
    """`asyncio.get_running_loop()` becomes `asyncio.get_event_loop()`"""
    parent = at.parent(node)
    if at.dotted(node) != "asyncio.get_running_loop" or not isinstance(parent, ast.Call):
        return
    line, end = node.end_lineno or 0, node.end_col_offset or 0
    start = end - len(node.attr)
    if parent.func is node and at.between(line, start, end) == node.attr.encode():
        yield Plant(parent.lineno, [Edit(line, start, end, b"get_event_loop")])


@mutation("unsafe-call-soon", ast.Attribute, lints="thread-unsafe-loop-call", coroutine=False)
def unsafe_call_soon(node: ast.Attribute, at: Place) -> Iterator[Plant]:
    """`loop.call_soon_threadsafe` becomes `loop.call_soon`, where the file shows the thread"""
    if node.attr != "call_soon_threadsafe" or isinstance(at.function, ast.AsyncFunctionDef):
        return
    if not isinstance(at.parent(node), ast.Call) or not _runs_in_thread(at):
        return
    line, end = node.end_lineno or 0, node.end_col_offset or 0
    start = end - len(node.attr)
    yield Plant(node.lineno, [Edit(line, start, end, b"call_soon")])


def _runs_in_thread(at: Place) -> bool:
    """Whether the file hands the function to a thread, and uses its name nowhere else."""
    name, handed, used = at.function.name, 0, 0
    for node in ast.walk(at.file.module):
        if isinstance(node, ast.Name | ast.Attribute) and last_name(node) == name:
            used += 1
        if not isinstance(node, ast.Call):
            continue
        callee = last_name(node.func) or ""
        targets = [word.value for word in node.keywords if word.arg == "target"]
        if callee in TO_THREAD and len(node.args) > TO_THREAD[callee]:
            targets.append(node.args[TO_THREAD[callee]])
        handed += sum(last_name(target) == name for target in targets)
    return handed > 0 and handed == used


@mutation("loop-argument", ast.Call, lints="deprecated-asyncio")
def loop_argument(node: ast.Call, at: Place) -> Iterator[Plant]:
    """`loop=None` is given to `asyncio.sleep`, `asyncio.Lock` and their like"""
    if at.dotted(node.func) not in TAKES_LOOP or node.keywords:
        return
    closing = in_brackets(at, node)
    if closing is None or node.end_lineno != node.lineno:
        return
    if node.args and (node.args[-1].end_lineno, node.args[-1].end_col_offset) != closing:
        return
    text = b", loop=None" if node.args else b"loop=None"
    yield Plant(node.lineno, [Edit(*closing, closing[1], text)])


@mutation("late-loop-variable", ast.Call, lints="loop-variable-in-task", coroutine=False)
def late_loop_variable(node: ast.Call, at: Place) -> Iterator[Plant]:
    """`loop.call_later(1, f, x)` in a `for x` becomes `loop.call_later(1, lambda: f(x))`"""
    position = {"call_soon": 0, "call_soon_threadsafe": 0, "call_later": 1, "call_at": 1}.get(
        last_name(node.func) or ""
    )
    if position is None or not isinstance(node.func, ast.Attribute) or node.keywords:
        return
    if len(node.args) < position + 2 or node.lineno != node.end_lineno:
        return
    loops = [outer for outer in at.around(node) if isinstance(outer, ast.For)]
    if not loops or any(
        isinstance(inner, ast.Await | ast.Break | ast.Return | Function)
        for inner in own_nodes(loops[0].body)
    ):
        # A loop that waits or ends lets the function run before the name changes.
        return
    bound = {part.id for part in ast.walk(loops[0].target) if isinstance(part, ast.Name)}
    read = {
        part.id
        for given in node.args[position + 1 :]
        for part in ast.walk(given)
        if isinstance(part, ast.Name)
    }
    function, closing = node.args[position], in_brackets(at, node)
    line, end = node.lineno, function.end_col_offset or 0
    comma = at.file.lines[line - 1].find(b",", end)
    if not bound & read or closing is None or comma < 0:
        return
    yield Plant(
        line,
        [
            Edit(line, function.col_offset, function.col_offset, b"lambda: "),
            Edit(line, end, comma + 1, b"("),
            Edit(*closing, closing[1], b")"),
        ],
    )
