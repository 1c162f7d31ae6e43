"""Handlers that stop a cancellation or miss it, loops without a pause, and empty timeouts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scopes import Function

from .place import Place, last_name
from .registry import Plant, mutation
from .text import Edit

# A handler, or one before it, that names one of these already deals with cancellation.
CANCELLATION = frozenset(
    {"BaseException", "CancelledError", "Cancelled", "get_cancelled_exc_class"}
)

# Errors after which it is right to try again, and a pause is in place.
PASSING = frozenset(
    {"ClientConnectionError", "ClientError", "ConnectionError", "Exception", "OSError"}
)

GIVES_BACK = frozenset(
    {"abort", "aclose", "close", "disconnect", "release", "rollback", "shutdown", "stop"}
)

# In the names of functions that never return.
ALWAYS_RAISES = re.compile("exit|abort|fail|raise|error", re.IGNORECASE)

# What awaits or leaves a loop, and what waits until there is something to do.
LEAVES = ast.Await | ast.AsyncWith | ast.AsyncFor | ast.Break | ast.Return | ast.Raise
WAITS = frozenset(
    {"get", "wait", "sleep", "recv", "receive", "readline", "read", "join", "acquire"}
)

SLEEPS = frozenset({"asyncio.sleep", "anyio.sleep", "trio.sleep"})

SCOPES = frozenset({"anyio.CancelScope", "anyio.fail_after", "anyio.move_on_after"})

TIMEOUTS = frozenset({"asyncio.timeout", "async_timeout.timeout", "asyncio.timeout_at"})


@mutation("bare-except", ast.Try, lints="swallowed-cancellation", brings="await-in-cleanup")
def bare_except(node: ast.Try, at: Place) -> Iterator[Plant]:
    """the last `except SomeError:` around an await, with no `raise` in it, becomes `except:`"""
    if not node.handlers or not _awaits_directly(node.body):
        return
    *earlier, last = node.handlers
    if last.type is None or last.name is not None or any(map(_names_cancellation, earlier)):
        return
    if _names_cancellation(last):
        return
    if any(isinstance(inner, ast.Raise) for inner in ast.walk(last)):
        return
    if at.cancels_before(last.lineno) or _ends_task(node, at):
        return
    match last.body[-1]:
        case ast.Expr(value=ast.Call(func=called)) if ALWAYS_RAISES.search(last_name(called) or ""):
            return
    line, start = last.lineno, last.col_offset + len(b"except")
    if last.type.end_lineno != line or last.type.end_col_offset is None:
        return
    rest = re.match(rb"[\s)]*(?=:)", at.file.lines[line - 1][last.type.end_col_offset :])
    if rest is None:
        return
    yield Plant(line, [Edit(line, start, last.type.end_col_offset + rest.end(), b"")])


def _ends_task(node: ast.Try, at: Place) -> bool:
    """Whether a `try` is the last thing in what may be run as a task: then nothing is lost.

    It may be where the file hands the coroutine on and awaits it nowhere.
    """
    name = at.function.name
    return _is_last(node, at) and (name in at.file.handed_on and name not in at.file.awaited)


def _is_last(node: ast.stmt, at: Place) -> bool:
    """Whether the function ends after a statement."""
    for outer in [*at.around(node), at.function]:
        if isinstance(outer, ast.While | ast.For | ast.AsyncFor):
            return False
        body = getattr(outer, "body", [])
        if isinstance(body, list) and node in body and body[-1] is not node:
            return False
        if isinstance(outer, ast.stmt):
            node = outer
    return True


@mutation("keep-cancellation", ast.Raise, lints="cancelled-error-not-raised")
def keep_cancellation(node: ast.Raise, at: Place) -> Iterator[Plant]:
    """the `raise` at the end of `except asyncio.CancelledError:` becomes `pass`"""
    handler = at.parent(node)
    if node.exc is not None or not isinstance(handler, ast.ExceptHandler):
        return
    names = {last_name(part) for part in ast.walk(handler.type)} if handler.type else set()
    outer = at.parent(handler)
    if names - {"asyncio", None} != {"CancelledError"} or not isinstance(outer, ast.Try):
        return
    if not _awaits_directly(outer.body) or at.cancels_before(handler.lineno):
        return
    if handler.name or any(isinstance(inner, ast.Return) for inner in ast.walk(handler)):
        # An exception with a name may be kept.
        return
    if "cancel" in ast.dump(ast.Module(handler.body, [])).lower():
        return
    awaited = at.function.name in at.file.awaited and at.function.name not in at.file.handed_on
    if _is_last(outer, at) and not awaited:
        # The end of a task, or of what others may start as one.
        return
    if at.whole_line(node):
        end = node.end_col_offset or 0
        yield Plant(handler.lineno, [Edit(node.lineno, node.col_offset, end, b"pass")])


@mutation("narrow-cleanup", ast.ExceptHandler, lints="cleanup-skipped-on-cancellation")
def narrow_cleanup(node: ast.ExceptHandler, at: Place) -> Iterator[Plant]:
    """`except BaseException:`, which closes something and raises again, catches `Exception`"""
    outer = at.parent(node)
    if node.type is not None and last_name(node.type) != "BaseException":
        return
    if not isinstance(outer, ast.Try) or not _awaits_directly(outer.body):
        return
    *earlier, end = outer.handlers
    if outer.finalbody or end is not node or any(map(_names_cancellation, earlier)):
        return
    last = node.body[-1]
    if not (isinstance(last, ast.Raise) and last.exc is None):
        return
    given_back = {
        ast.unparse(call.func.value)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in GIVES_BACK
    }
    opened = {
        ast.unparse(inner)
        for inner in at.own
        if isinstance(inner, ast.Name | ast.Attribute) and isinstance(inner.ctx, ast.Store)
    }
    if not given_back & opened:
        # What a parameter or another method brings is freed by the caller, or by that method.
        return
    line, start = node.lineno, node.col_offset + len(b"except")
    if node.type is None:
        yield Plant(line, [Edit(line, start, start, b" Exception")])
    elif isinstance(node.type, ast.Name):
        yield Plant(
            line, [Edit(line, node.type.col_offset, node.type.end_col_offset or 0, b"Exception")]
        )


@mutation("unshield", ast.With, lints="await-in-cleanup")
def unshield(node: ast.With, at: Place) -> Iterator[Plant]:
    """`shield=True` becomes `shield=False` in a `finally` or a handler of cancellation, in anyio"""
    outer = at.parent(node)
    if isinstance(outer, ast.ExceptHandler):
        block, outer, cleans = outer.body, at.parent(outer), _names_cancellation(outer)
    else:
        block = getattr(outer, "finalbody", [])
        cleans = node in block
    if not cleans or not isinstance(outer, ast.Try) or not _awaits_directly(outer.body):
        return
    manager = node.items[0].context_expr
    if len(node.items) != 1 or not isinstance(manager, ast.Call):
        return
    if at.dotted(manager.func) not in SCOPES or _awaits_directly(block[: block.index(node)]):
        return
    shields = [keyword.value for keyword in manager.keywords if keyword.arg == "shield"]
    awaits = [part for part in _outside_inner_tries(node.body) if isinstance(part, ast.Await)]
    if len(shields) != 1 or at.expression(shields[0]) != b"True" or not awaits:
        return
    first = min(part.lineno for part in awaits)
    line, start = shields[0].lineno, shields[0].col_offset
    yield Plant(first, [Edit(line, start, start + len(b"True"), b"False")])


@mutation("sleep-zero", ast.Expr, lints="zero-sleep")
def sleep_zero(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`await anyio.sleep(x)` becomes `await anyio.sleep(0)`"""
    found = at.awaited_call(node.value)
    if found is None or at.dotted(found[0].func) not in SLEEPS - {"asyncio.sleep"}:
        return
    call, edit = found
    if len(call.args) == 1 and not call.keywords and at.expression(call.args[0]):
        given = call.args[0]
        if given.lineno == edit.line:
            zero = Edit(edit.line, given.col_offset, given.end_col_offset or 0, b"0")
            yield Plant(edit.line, [zero])


@mutation("retry-at-once", ast.Expr, lints="retry-without-delay")
def retry_at_once(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """the `await asyncio.sleep(x)` in the handler of a loop without end becomes `pass`"""
    found = at.awaited_call(node.value)
    handler = at.parent(node)
    if found is None or at.dotted(found[0].func) not in SLEEPS:
        return
    if not isinstance(handler, ast.ExceptHandler) or not at.whole_line(node):
        return
    guarded = at.parent(handler)
    loop = at.parent(guarded)
    if not isinstance(guarded, ast.Try) or not isinstance(loop, ast.While) or guarded.finalbody:
        return
    if not _is_flag(loop.test) or not _catches(handler, PASSING):
        # Another condition may be what ends it.
        return
    beside = [statement for statement in loop.body if statement is not guarded]
    if any(isinstance(part, LEAVES) for part in _outside_inner_tries([*beside, *guarded.orelse])):
        return
    inner = [part for part in _outside_inner_tries(handler.body) if part is not node.value]
    if any(isinstance(part, LEAVES) for part in inner):
        return
    awaits = [part for part in _outside_inner_tries(guarded.body) if isinstance(part, ast.Await)]
    first = min(awaits, key=lambda part: (part.lineno, part.col_offset), default=None)
    if first is None or (
        isinstance(first.value, ast.Call) and last_name(first.value.func) in WAITS
    ):
        # What waits for something to come does not spin.
        return
    yield Plant(
        handler.lineno, [Edit(node.lineno, node.col_offset, node.end_col_offset or 0, b"pass")]
    )


def _is_flag(test: ast.expr) -> bool:
    """Whether the condition of a loop is `True`, `running`, `not self.stopped` or the like."""
    inner = test.operand if isinstance(test, ast.UnaryOp) else test
    return isinstance(inner, ast.Constant | ast.Name | ast.Attribute)


def _catches(handler: ast.ExceptHandler, names: frozenset[str]) -> bool:
    """Whether a handler names one of these."""
    if handler.type is None:
        return False
    return any(last_name(node) in names for node in ast.walk(handler.type))


@mutation("poll-event", ast.Expr, lints="busy-wait")
def poll_event(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`await event.wait()` becomes `while not event.is_set(): await asyncio.sleep(0.1)`"""
    found = at.awaited_call(node.value)
    if found is None or not at.whole_line(node):
        return
    call, edit = found
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "wait" or call.args:
        return
    event = call.func.value
    text = at.expression(event)
    if text is None or not at.is_made_by(event, "asyncio.Event"):
        return
    if at.file.names.lookup("asyncio", at.scopes) != "asyncio":
        return
    loop = b"while not " + text + b".is_set(): await asyncio.sleep(0.1)"
    yield Plant(edit.line, [Edit(edit.line, edit.start, node.end_col_offset or 0, loop)])


@mutation("timeout-without-await", ast.AsyncWith, lints="cancel-scope-without-checkpoint")
def timeout_without_await(node: ast.AsyncWith, at: Place) -> Iterator[Plant]:
    """the one `await f()` in the block of `asyncio.timeout` becomes the call of a plain function"""
    if len(node.items) != 1 or len(node.body) != 1:
        return
    manager = node.items[0].context_expr
    if not isinstance(manager, ast.Call) or at.dotted(manager.func) not in TIMEOUTS:
        return
    waits = [
        inner
        for inner in ast.walk(node.body[0])
        if isinstance(
            inner,
            ast.Await | ast.AsyncFor | ast.AsyncWith | ast.comprehension | ast.Yield | Function,
        )
    ]
    found = at.awaited_call(waits[0]) if len(waits) == 1 else None
    if found is not None:
        call, edit = found
        # Another call: what is forgotten with this one is another lint's matter.
        if call.end_lineno == edit.line:
            end = call.end_col_offset or 0
            yield Plant(node.lineno, [Edit(edit.line, edit.start, end, b"print()")])


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
    return handler.type is None or _catches(handler, CANCELLATION)
