"""Functions that become coroutine functions where they must not."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scopes import own_nodes

from .place import Place, is_of_self, last_name
from .registry import Plant, mutation
from .text import Edit

# Special methods whose value Python uses at once.
DUNDERS = frozenset(
    {"__bool__", "__contains__", "__enter__", "__eq__", "__exit__", "__hash__", "__len__",
     "__next__", "__repr__", "__setattr__", "__setitem__", "__str__"}
)  # fmt: skip

CACHES = frozenset({"functools.cache", "functools.lru_cache", "functools.cached_property"})


def _made_async(node: ast.FunctionDef) -> Edit:
    """The edit that puts `async` before a `def`."""
    return Edit(node.lineno, node.col_offset, node.col_offset, b"async ")


def _yields(node: ast.FunctionDef) -> bool:
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in own_nodes(node.body))


@mutation("async-dunder", ast.FunctionDef, lints="async-dunder", coroutine=False)
def async_dunder(node: ast.FunctionDef, at: Place) -> Iterator[Plant]:
    """the `def` of a special method, such as `__init__` or `__len__`, becomes `async def`"""
    class_ = at.scopes[-2]
    if not isinstance(class_, ast.ClassDef) or node.decorator_list or _yields(node):
        return
    if node.name == "__init__":
        # Where a base that is not known makes the objects, it may await `__init__`.
        if class_.bases or class_.keywords or class_.decorator_list:
            return
    elif node.name not in DUNDERS:
        return
    yield Plant(node.lineno, [_made_async(node)], changes=node.name)


@mutation("cached-coroutine", ast.FunctionDef, lints="cached-coroutine", coroutine=False)
def cached_coroutine(node: ast.FunctionDef, at: Place) -> Iterator[Plant]:
    """the `def` of a function under `lru_cache` or `cached_property` becomes `async def`"""
    if len(node.decorator_list) != 1 or _yields(node):
        return
    [decorator] = node.decorator_list
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    outside = Place(at.file, at.scopes[:-1])
    if outside.dotted(function) in CACHES:
        yield Plant(decorator.lineno, [_made_async(node)], changes=node.name)


@mutation("drop-contextmanager", ast.AsyncFunctionDef, lints="sync-with-on-async")
def drop_contextmanager(node: ast.AsyncFunctionDef, at: Place) -> Iterator[Plant]:
    """the `@asynccontextmanager` goes that makes what a later `async with f()` enters"""
    if len(node.decorator_list) != 1:
        return
    [decorator] = node.decorator_list
    outside = Place(at.file, at.scopes[:-1])
    if outside.dotted(decorator) != "contextlib.asynccontextmanager":
        return
    uses = [
        use.lineno
        for use in ast.walk(at.file.module)
        if isinstance(use, ast.AsyncWith)
        and len(use.items) == 1
        and isinstance(call := use.items[0].context_expr, ast.Call)
        and call.lineno == use.lineno
        and (
            isinstance(call.func, ast.Name)
            if isinstance(at.scopes[-2], ast.Module)
            else is_of_self(call.func)
        )
        and last_name(call.func) == node.name
    ]
    if uses and at.file.defined[node.name] == 1:
        start = decorator.col_offset - 1
        edit = Edit(decorator.lineno, start, decorator.end_col_offset or 0, b"")
        if at.between(decorator.lineno, start, start + 1) == b"@":
            yield Plant(min(uses), [edit], changes=node.name)
