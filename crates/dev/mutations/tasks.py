"""Tasks that nobody keeps, waits for, or asks for their errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .place import Place, in_brackets, last_name
from .registry import Plant, mutation
from .text import Edit

CREATES_TASK = frozenset({"asyncio.create_task", "asyncio.ensure_future"})

# Work that ends something: there nobody wants to hear of errors.
ENDS = re.compile(
    "close|stop|shut|clean|clear|cancel|unload|disconnect|detach|end|exit|kill|tear|down|remove|"
    "finish|finalize|flush|notify|destroy|terminate|delete|dispose|release|drain|abort|logout|"
    "unsubscribe",
    re.IGNORECASE,
)


MAKES_LIST = ast.GeneratorExp | ast.ListComp


@mutation("drop-task-name", ast.Assign, ast.AnnAssign, lints="dangling-task", coroutine=False)
def drop_task_name(node: ast.Assign | ast.AnnAssign, at: Place) -> Iterator[Plant]:
    """`task = asyncio.create_task(f())` becomes `asyncio.create_task(f())`"""
    match node:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() as before], value=ast.Call() as call):
            pass
        case ast.AnnAssign(
            target=ast.Name() | ast.Attribute(), annotation=before, value=ast.Call() as call
        ):
            pass
        case _:
            return
    if at.dotted(call.func) not in CREATES_TASK:
        return
    line, end = node.lineno, before.end_col_offset or 0
    if call.lineno != line or before.end_lineno != line:
        return
    if at.between(line, end, call.col_offset).strip() == b"=":
        yield Plant(line, [Edit(line, node.col_offset, call.col_offset, b"")])


@mutation("return-exceptions", ast.Expr, lints="gather-exceptions-ignored")
def return_exceptions(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`return_exceptions=True` is given to a `gather` of calls whose results are dropped"""
    found = at.awaited_call(node.value)
    if found is None or at.dotted(found[0].func) != "asyncio.gather" or found[0].keywords:
        return
    call = found[0]
    work = [_work(given) for given in call.args]
    closing = in_brackets(at, call)
    if not work or not all(work) or closing is None or at.cancels_before(node.lineno):
        # What is no call may be tasks that others ask for their errors.
        return
    if any(ENDS.search(name or "") for name in [*work, at.function.name]):
        return
    if any(isinstance(outer, ast.ExceptHandler | ast.Try) for outer in at.around(node)):
        # In a handler or a `finally` errors are ignored on purpose.
        return
    last = call.args[-1]
    if (last.end_lineno, last.end_col_offset) == closing:
        text = b", return_exceptions=True"
    elif at.between(closing[0], 0, closing[1]).strip() == b"":
        text = b"return_exceptions=True"
    else:
        return
    yield Plant(call.lineno, [Edit(*closing, closing[1], text)])


def _work(given: ast.expr) -> str | None:
    """The name of the function whose coroutine an argument of `gather` is."""
    if isinstance(given, ast.Starred):
        given = given.value.elt if isinstance(given.value, MAKES_LIST) else given
    name = last_name(given.func) if isinstance(given, ast.Call) else None
    # What starts a task gives what others may ask for its error.
    return None if name is None or "task" in name else name


@mutation("shield", ast.Expr, lints="shielded-without-reference")
def shield(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`await f()` becomes `await asyncio.shield(f())`, where the file shows that `f` is async"""
    found = at.awaited_call(node.value)
    if found is None or not at.visible(found[0].func):
        return
    call, edit = found
    if at.dotted(call.func) or at.file.names.lookup("asyncio", at.scopes) != "asyncio":
        return
    end, column = call.end_lineno or 0, call.end_col_offset or 0
    start = call.col_offset
    edits = [Edit(edit.line, start, start, b"asyncio.shield("), Edit(end, column, column, b")")]
    yield Plant(edit.line, edits)


@mutation("coroutine-in-thread", ast.Expr, lints="async-callback")
def coroutine_in_thread(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`await f(x)` becomes `await asyncio.to_thread(f, x)`, where the file shows `f` is async"""
    found = at.awaited_call(node.value)
    if found is None or not at.visible(found[0].func) or at.dotted(found[0].func):
        return
    call, edit = found
    column = call.func.end_col_offset or 0
    if call.func.end_lineno != edit.line or at.between(edit.line, column, column + 1) != b"(":
        return
    if at.file.names.lookup("asyncio", at.scopes) != "asyncio":
        return
    separator = b", " if call.args or call.keywords else b""
    edits = [
        Edit(edit.line, call.col_offset, call.col_offset, b"asyncio.to_thread("),
        Edit(edit.line, column, column + 1, separator),
    ]
    yield Plant(edit.line, edits)


@mutation("uncalled", ast.Call, lints="value-as-coroutine", coroutine=False)
def uncalled(node: ast.Call, at: Place) -> Iterator[Plant]:
    """`create_task(f(x))` becomes `create_task(f)`, where the file shows that `f` is async"""
    if at.dotted(node.func) not in CREATES_TASK or not node.args:
        return
    work = node.args[0]
    if not isinstance(work, ast.Call) or not at.visible(work.func):
        return
    start, end = work.func.end_col_offset or 0, work.end_col_offset or 0
    if work.func.end_lineno == work.end_lineno == node.lineno:
        yield Plant(node.lineno, [Edit(node.lineno, start, end, b"")])


@mutation("eager-call", ast.Await, lints="eager-call-in-executor")
def eager_call(node: ast.Await, at: Place) -> Iterator[Plant]:
    """`await asyncio.to_thread(f, x)` becomes `await asyncio.to_thread(f(x))`"""
    call = node.value
    if not isinstance(call, ast.Call) or call.keywords:
        return
    name = last_name(call.func)
    position = 1 if name == "run_in_executor" else 0
    if name != "run_in_executor" and at.dotted(call.func) != "asyncio.to_thread":
        return
    if len(call.args) <= position or call.lineno != call.end_lineno:
        return
    function = call.args[position]
    helper = at.plain(function)
    if helper is None or helper.decorator_list or not _gives_data(helper):
        # Only what is sure not to be a function can be told from one.
        return
    line, end = call.lineno, function.end_col_offset or 0
    after = at.file.lines[line - 1][end:]
    comma = len(after) - len(after.lstrip())
    edits = [Edit(line, end, end, b"()")]
    if len(call.args) > position + 1:
        closing = in_brackets(at, call)
        if after[comma : comma + 1] != b"," or closing is None:
            return
        edits = [Edit(line, end, end + comma + 1, b"("), Edit(*closing, closing[1], b")")]
    yield Plant(line, edits)


def _gives_data(function: ast.FunctionDef) -> bool:
    """Whether a function says, or its only returns show, that it gives data."""
    data = {"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"}
    if function.returns is not None:
        inner = function.returns
        inner = inner.value if isinstance(inner, ast.Subscript) else inner
        if isinstance(inner, ast.Constant):
            return inner.value is None
        return last_name(inner) in data
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    return all(node.value is None or isinstance(node.value, ast.Constant) for node in returns)


@mutation("forget-cancelled", ast.Expr, lints="cancel-without-await")
def forget_cancelled(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """the `await task` behind `task.cancel()` becomes `pass`"""
    match node.value:
        case ast.Await(value=ast.Name(id=name)):
            pass
        case _:
            return
    uses = [inner for inner in at.own if isinstance(inner, ast.Name) and inner.id == name]
    made = [value for value in at.values_of(ast.Name(name, ast.Load()))]
    if len(made) != 1 or not isinstance(made[0], ast.Call):
        return
    if at.dotted(made[0].func) not in CREATES_TASK or not made[0].args:
        return
    work = made[0].args[0]
    if not (isinstance(work, ast.Call) and at.visible(work.func)) or at.dotted(work.func):
        # A coroutine of a library has nothing to clean up.
        return
    cancels, others = [], 0
    for use in uses:
        parent = at.parent(use)
        if isinstance(parent, ast.Attribute):
            if parent.attr == "cancel":
                cancels.append(use)
        elif isinstance(use.ctx, ast.Load) and parent is not node.value:
            others += 1
    if len(cancels) != 1 or others or cancels[0].lineno > node.lineno or not at.whole_line(node):
        # Whoever else waits for the task may do so after the cancel.
        return
    start, end = node.col_offset, node.end_col_offset or 0
    yield Plant(cancels[0].lineno, [Edit(node.lineno, start, end, b"pass")])
