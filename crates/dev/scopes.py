"""Which names of one file are certain, by CPython's `ast` alone."""

from __future__ import annotations

import ast
import asyncio
import inspect
from collections import Counter
from collections.abc import Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

# What `bindings` says of functions; an import gives a dotted name instead, the rest "".
COROUTINE = "async def"
PLAIN = "def"

# Decorators that leave a coroutine function one.
KEEPS_COROUTINE = frozenset({"abstractmethod", "classmethod", "final", "override", "staticmethod"})

ASYNCIO_COROUTINES = frozenset(
    f"asyncio.{name}"
    for name in dir(asyncio)
    if inspect.iscoroutinefunction(getattr(asyncio, name))
)


def own_nodes(roots: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """`roots` and the nodes below them that run with them, in no particular order.

    Nested functions, classes and lambdas are yielded but not entered.
    """
    pending = list(roots)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))


def bindings(scope: Scope) -> dict[str, str]:
    """The names that a scope binds, each with what it is where all its bindings agree."""
    names: dict[str, str] = {}

    def bind(name: str, meaning: str) -> None:
        names[name] = meaning if names.get(name, meaning) == meaning else ""

    if isinstance(scope, Function):
        given = scope.args
        for arg in [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]:
            if arg is not None:
                bind(arg.arg, "")
    for node in own_nodes(scope.body):
        match node:
            case ast.AsyncFunctionDef():
                # Whatever a decorator makes of it, this file alone does not show it.
                names_only = all(
                    isinstance(line, ast.Name) and line.id in KEEPS_COROUTINE
                    for line in node.decorator_list
                )
                bind(node.name, COROUTINE if names_only else "")
            case ast.FunctionDef():
                bind(node.name, PLAIN)
            case ast.ClassDef():
                bind(node.name, "")
            case ast.Name(ctx=ast.Store() | ast.Del()):
                bind(node.id, "")
            case ast.Import():
                for alias in node.names:
                    whole = alias.name if alias.asname else alias.name.partition(".")[0]
                    bind(alias.asname or whole, whole)
            case ast.ImportFrom():
                for alias in node.names:
                    meaning = f"{node.module}.{alias.name}" if node.level == 0 else ""
                    bind(alias.asname or alias.name, meaning)
            case ast.Global() | ast.Nonlocal():
                for name in node.names:
                    bind(name, "")
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                bind(name, "")
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                bind(name, "")
    return names


class Names:
    """Looks names up in the scopes of one file."""

    def __init__(self, module: ast.Module) -> None:
        self.module = module
        self._bindings: dict[int, dict[str, str]] = {}
        # How often the file defines a function of each name.
        self._defined: Counter[str] | None = None

    def of(self, scope: Scope) -> dict[str, str]:
        """`bindings`, computed once a scope."""
        if id(scope) not in self._bindings:
            self._bindings[id(scope)] = bindings(scope)
        return self._bindings[id(scope)]

    def lookup(self, name: str, scopes: list[Scope]) -> str | None:
        """What `name` is in the innermost of `scopes` that binds it; None if none does."""
        for scope in reversed(scopes):
            if isinstance(scope, ast.ClassDef) and scope is not scopes[-1]:
                continue
            if name in self.of(scope):
                return self.of(scope)[name]
        return None

    def dotted(self, expression: ast.expr, scopes: list[Scope]) -> str | None:
        """The imported thing that a name or a chain of attributes stands for."""
        if isinstance(expression, ast.Attribute):
            base = self.dotted(expression.value, scopes)
            return f"{base}.{expression.attr}" if base else None
        if isinstance(expression, ast.Name):
            meaning = self.lookup(expression.id, scopes)
            return meaning if meaning not in {None, "", COROUTINE, PLAIN} else None
        return None

    def is_visible_coroutine(self, callee: ast.expr, scopes: list[Scope]) -> bool:
        """Whether this file alone shows that calling `callee` gives a coroutine."""
        if isinstance(callee, ast.Name) and self.lookup(callee.id, scopes) == COROUTINE:
            return True
        if self.dotted(callee, scopes) in ASYNCIO_COROUTINES:
            return True
        return self._is_own_method(callee, scopes)

    def plain_function(self, callee: ast.expr, scopes: list[Scope]) -> ast.FunctionDef | None:
        """The one `def` of this file that `callee` stands for: a name, or `self.method`.

        A method is taken from the class of `self` alone, and only if no class of this file
        overrides it.
        """
        if isinstance(callee, ast.Name):
            for scope in reversed(scopes):
                if isinstance(scope, ast.ClassDef) and scope is not scopes[-1]:
                    continue
                if callee.id in self.of(scope):
                    return self._only_def(scope, callee.id)
            return None
        class_ = self._class_of(callee, scopes)
        if class_ is None or not isinstance(callee, ast.Attribute):
            return None
        if self._defined is None:
            functions = (node for node in ast.walk(self.module) if isinstance(node, Function))
            self._defined = Counter(function.name for function in functions)
        return self._only_def(class_, callee.attr) if self._defined[callee.attr] == 1 else None

    def _only_def(self, scope: Scope, name: str) -> ast.FunctionDef | None:
        """The `def` of a name in a scope that binds it in no other way."""
        if self.of(scope).get(name) != PLAIN:
            return None
        found = [
            node
            for node in own_nodes(scope.body)
            if isinstance(node, ast.FunctionDef) and node.name == name
        ]
        return found[0] if len(found) == 1 else None

    def _is_own_method(self, callee: ast.expr, scopes: list[Scope]) -> bool:
        """Whether it is `self.method` with an `async def` in the class or its local bases."""
        class_ = self._class_of(callee, scopes)
        if class_ is None or not isinstance(callee, ast.Attribute):
            return False
        return self._member(class_, callee.attr, set()) == COROUTINE

    def _class_of(self, callee: ast.expr, scopes: list[Scope]) -> ast.ClassDef | None:
        """The class around, if `callee` is an attribute of the method's `self`."""
        if not (isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name)):
            return None
        receiver = callee.value.id
        # The innermost scope that binds the receiver must be a method with it as first argument.
        for above, scope in zip(reversed(scopes[:-1]), reversed(scopes[1:]), strict=True):
            if not isinstance(scope, Function) or receiver not in self.of(scope):
                continue
            arguments = [*scope.args.posonlyargs, *scope.args.args]
            if receiver != "self" or not arguments or arguments[0].arg != receiver:
                return None
            return above if isinstance(above, ast.ClassDef) else None
        return None

    def _member(self, class_: ast.ClassDef, name: str, seen: set[int]) -> str | None:
        """What a class or the first of its bases in this file that knows `name` says of it."""
        if id(class_) in seen:
            return None
        seen.add(id(class_))
        if name in self.of(class_):
            return self.of(class_)[name]
        for base in class_.bases:
            # `Base[T]` inherits from `Base`.
            base = base.value if isinstance(base, ast.Subscript) else base
            if not isinstance(base, ast.Name):
                continue
            definitions = [
                node
                for node in own_nodes(self.module.body)
                if isinstance(node, ast.ClassDef) and node.name == base.id
            ]
            if len(definitions) == 1:
                meaning = self._member(definitions[0], name, seen)
                if meaning is not None:
                    return meaning
        return None
