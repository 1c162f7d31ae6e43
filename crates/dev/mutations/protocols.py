"""The wrong one of two protocols: `with` and `for`, and awaits of what is no coroutine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scopes import Function, own_nodes

from .place import Place, last_name
from .registry import Plant, mutation
from .text import Edit


def _may_fail(node: ast.AST, at: Place) -> bool:
    """Whether a `TypeError` or `AttributeError` is handled around a node: the lints trust that."""
    return any(
        isinstance(outer, ast.Try)
        and any(
            handler.type is None or re.search("TypeError|AttributeError", ast.dump(handler.type))
            for handler in outer.handlers
        )
        for outer in at.around(node)
    )


def _without_async(node: ast.stmt, at: Place) -> Edit | None:
    """The edit that drops the `async` of a statement."""
    start = node.col_offset
    keyword = re.match(rb"async[ \t]+", at.file.lines[node.lineno - 1][start:])
    return Edit(node.lineno, start, start + keyword.end(), b"") if keyword else None


@mutation("plain-with", ast.AsyncWith, lints="sync-with-on-async prefer-async-with")
def plain_with(node: ast.AsyncWith, at: Place) -> Iterator[Plant]:
    """`async with x` becomes `with x`"""
    if len(node.items) == 1 and not _may_fail(node, at):
        edit = _without_async(node, at)
        if edit and node.items[0].context_expr.lineno == node.lineno:
            yield Plant(node.lineno, [edit])


@mutation("plain-for", ast.AsyncFor, lints="sync-for-on-async")
def plain_for(node: ast.AsyncFor, at: Place) -> Iterator[Plant]:
    """`async for` becomes `for`"""
    if not _may_fail(node, at):
        edit = _without_async(node, at)
        if edit and node.iter.lineno == node.lineno:
            yield Plant(node.lineno, [edit])


@mutation("async-with", ast.With, lints="sync-with-on-async")
def async_with(node: ast.With, at: Place) -> Iterator[Plant]:
    """`with x` becomes `async with x`"""
    manager = node.items[0].context_expr
    if isinstance(manager, ast.Call) and last_name(manager.func) in {"raises", "assertRaises"}:
        # A test of errors is left alone.
        return
    if len(node.items) == 1 and manager.lineno == node.lineno and not _may_fail(node, at):
        start = node.col_offset
        yield Plant(node.lineno, [Edit(node.lineno, start, start, b"async ")])


@mutation("async-for", ast.For, lints="sync-for-on-async")
def async_for(node: ast.For, at: Place) -> Iterator[Plant]:
    """`for` becomes `async for`, over a literal, `range`, `enumerate`, `zip`, or a dict's views"""
    match node.iter:
        case ast.List() | ast.Tuple() | ast.Dict() | ast.ListComp():
            pass
        case ast.Call(func=ast.Name(id="range" | "enumerate" | "zip" | "sorted" | "reversed")):
            pass
        case _:
            return
    if not _may_fail(node, at) and node.iter.lineno == node.lineno:
        yield Plant(node.lineno, [Edit(node.lineno, node.col_offset, node.col_offset, b"async ")])


def _gives_plain_value(function: ast.FunctionDef) -> bool:
    """Whether every `return` of an undecorated function is a literal, and it does something."""
    if function.decorator_list:
        return False
    nodes = list(own_nodes(function.body))
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        return False
    if not any(isinstance(node, ast.Call | ast.Assign) for node in nodes):
        # A body that does nothing, or only raises, is there to be overridden.
        return False
    return all(
        node.value is None
        or isinstance(node.value, ast.Constant | ast.Dict | ast.List | ast.JoinedStr)
        for node in nodes
        if isinstance(node, ast.Return)
    )


@mutation("await-plain", ast.Expr, lints="await-on-plain-value")
def await_plain(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """the statement `f()` becomes `await f()`, where `f` is a plain `def` of the file"""
    if not isinstance(node.value, ast.Call) or _may_fail(node, at):
        return
    function = at.plain(node.value.func)
    if function is None or not _gives_plain_value(function):
        return
    yield Plant(node.lineno, [Edit(node.lineno, node.col_offset, node.col_offset, b"await ")])


@mutation("await-twice", ast.Expr, lints="coroutine-awaited-twice")
def await_twice(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`await f()` becomes `job = f(); await job; await job`"""
    found = at.awaited_call(node.value)
    if found is None or not at.whole_line(node) or "job" in at.names_of(at.function):
        return
    call, edit = found
    if at.dotted(call.func).startswith("asyncio.") or not at.visible(call.func):
        # What runs as a task may be awaited again.
        return
    end = node.end_col_offset or 0
    edits = [
        Edit(edit.line, edit.start, edit.end, b"job = "),
        Edit(edit.line, end, end, b"; await job; await job"),
    ]
    yield Plant(edit.line, edits)


@mutation("await-in-plain", ast.AsyncFunctionDef, lints="await-outside-async", breaks=True)
def await_in_plain(node: ast.AsyncFunctionDef, at: Place) -> Iterator[Plant]:
    """`async def` becomes `def`, with the awaits left in it"""
    edit = _without_async(node, at)
    if edit is None or at.file.words[node.name.encode()] != 1:
        # Its awaited calls in the file would be wrong as well.
        return
    first = min(
        (
            (inner.lineno, inner.col_offset)
            for inner in at.own
            if isinstance(inner, ast.Await | ast.AsyncFor | ast.AsyncWith)
        ),
        default=None,
    )
    # Python allows awaits in generator expressions anywhere.
    if first is None or any(isinstance(inner, ast.GeneratorExp) for inner in at.own):
        return
    if any(isinstance(inner, Function | ast.Lambda) for inner in at.own):
        return
    yield Plant(first[0], [edit], changes=node.name)
