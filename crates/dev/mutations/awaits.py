"""Awaits that are dropped."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scopes import ASYNCIO_COROUTINES

from .place import Place, last_name
from .registry import Plant, mutation

# What the rest of the function may do with the coroutine.
AFTERWARDS = "sync-for-on-async"

FORGOTTEN = "missing-await unawaited-coroutine coroutine-as-value inconsistent-await"

# Methods whose results run by themselves: to drop the await is not to forget a coroutine.
STARTED = frozenset({"create_task", "ensure_future", "run_in_executor"})

# What a coroutine object has itself.
OF_COROUTINES = frozenset(
    {"close", "cr_await", "cr_code", "cr_frame", "cr_origin", "cr_running", "send", "throw"}
)

# Functions that are no good for a coroutine.
NEEDS_VALUE = frozenset(
    {"bool", "dict", "enumerate", "float", "int", "len", "list", "max", "min", "set", "sorted",
     "sum", "tuple", "zip"}
)  # fmt: skip

# What a coroutine may be handed over as.
PROMISES_NOTHING = frozenset({"Any", "Awaitable", "Coroutine", "Future", "None", "Task", "object"})


def _dropped(node: ast.AST, at: Place) -> Iterator[Plant]:
    """`await f()` becomes `f()`."""
    found = at.awaited_call(node)
    if found is None:
        return
    call, edit = found
    callee = at.dotted(call.func)
    if callee.startswith("asyncio.") and callee not in ASYNCIO_COROUTINES:
        # `gather`, `shield` and their like are already running: another lint's matter.
        return
    if isinstance(call.func, ast.Attribute) and call.func.attr in STARTED:
        return
    yield Plant(edit.line, [edit], at.visible(call.func))


@mutation("drop-await", ast.Expr, lints="missing-await inconsistent-await", brings=AFTERWARDS)
def drop_await(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """the statement `await f()` becomes `f()`"""
    yield from _dropped(node.value, at)


def _local(node: ast.Assign | ast.AnnAssign, at: Place) -> list[ast.Name] | None:
    """Where the name is read that an assignment binds; None if that cannot be told.

    The name is bound by this assignment alone, and no nested function reads it.
    """
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if len(targets) != 1 or not isinstance(targets[0], ast.Name):
        return None
    name = targets[0].id
    if at.names_of(at.function).get(name) is None or name == "_":
        return None
    if name in at.read_inside:
        return None
    uses = [use for use in at.uses.get(name, []) if use is not targets[0]]
    return uses if all(isinstance(use.ctx, ast.Load) for use in uses) else None


def _raises(use: ast.expr, at: Place) -> bool:
    """Whether a use raises an error if it gets a coroutine."""
    match at.parent(use):
        case ast.Attribute(attr=name):
            return name not in OF_COROUTINES
        case ast.Subscript(value=value):
            return value is use
        case ast.BinOp(op=operator, left=left):
            # `"..." % x` prints anything.
            return not (isinstance(operator, ast.Mod) and left is not use)
        case ast.For(iter=value) | ast.comprehension(iter=value):
            return value is use
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in NEEDS_VALUE - {"bool"}
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            return True
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()]):
            return left is not use
    return False


def _tests(use: ast.expr, at: Place) -> bool:
    """Whether a use looks at the value and hands it to nobody."""
    match at.parent(use):
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return test is use
        case ast.Assert() | ast.UnaryOp(op=ast.Not()) | ast.FormattedValue() | ast.Compare():
            return True
        case ast.BoolOp() as operation:
            return _is_test(operation, at)
    return _raises(use, at)


def _is_test(node: ast.expr, at: Place) -> bool:
    """Whether only the truth of an expression is asked for."""
    match at.parent(node):
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return test is node
        case ast.Assert(test=test):
            return test is node
        case ast.comprehension(ifs=tests):
            return node in tests
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BoolOp() as operation:
            return _is_test(operation, at)
    return False


def _asks(use: ast.Name, at: Place) -> bool:
    """Whether a use awaits the name, or asks what it is: then a coroutine may be meant."""
    parent = at.parent(use)
    if isinstance(parent, ast.Await | ast.Yield | ast.YieldFrom):
        return True
    return isinstance(parent, ast.Call) and (
        (last_name(parent.func) or "").startswith(("is", "create_task", "ensure_future", "gather"))
    )


@mutation("drop-await-assigned", ast.Assign, ast.AnnAssign, lints=FORGOTTEN, brings=AFTERWARDS)
def drop_await_assigned(node: ast.Assign | ast.AnnAssign, at: Place) -> Iterator[Plant]:
    """`x = await f()` becomes `x = f()`, where `x` is used as a value or not at all"""
    uses = _local(node, at)
    if node.value is None or uses is None or any(_asks(use, at) for use in uses):
        return
    if all(_tests(use, at) for use in uses) or any(_raises(use, at) for use in uses):
        yield from _dropped(node.value, at)


@mutation("drop-await-passed-on", ast.Assign, ast.AnnAssign, lints=FORGOTTEN, brings=AFTERWARDS)
def drop_await_passed_on(node: ast.Assign | ast.AnnAssign, at: Place) -> Iterator[Plant]:
    """`x = await f()` becomes `x = f()`, where `x` is only passed on, returned or stored"""
    uses = _local(node, at)
    if node.value is None or not uses or any(_asks(use, at) for use in uses):
        return
    if not all(_tests(use, at) for use in uses) and not any(_raises(use, at) for use in uses):
        yield from _dropped(node.value, at)


@mutation("drop-await-condition", ast.Await, lints=FORGOTTEN, brings=AFTERWARDS)
def drop_await_condition(node: ast.Await, at: Place) -> Iterator[Plant]:
    """`if await f():` becomes `if f():`, also under `not`, `and` and `or`"""
    if _is_test(node, at):
        yield from _dropped(node, at)


@mutation("drop-await-operand", ast.Await, lints=FORGOTTEN, brings=AFTERWARDS)
def drop_await_operand(node: ast.Await, at: Place) -> Iterator[Plant]:
    """`(await f()).x`, `for x in await f()`, `a, b = await f()` and the like lose the `await`"""
    if _raises(node, at):
        yield from _dropped(node, at)


@mutation("drop-await-returned", ast.Return, lints=FORGOTTEN, brings=AFTERWARDS)
def drop_await_returned(node: ast.Return, at: Place) -> Iterator[Plant]:
    """`return await f()` becomes `return f()` in a coroutine that is annotated with a value"""
    annotation = at.function.returns
    if annotation is None or node.value is None:
        return
    names = {last_name(part) for part in ast.walk(annotation)}
    texts = [part.value for part in ast.walk(annotation) if isinstance(part, ast.Constant)]
    # A type variable, or text, may stand for anything; `-> None` returns what nobody uses.
    if names & PROMISES_NOTHING or any(isinstance(text, str) for text in texts):
        return
    if isinstance(annotation, ast.Constant) or any(name and len(name) <= 2 for name in names):
        return
    yield from _dropped(node.value, at)
