"""Where a mutation looks: one file, and one place in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from scopes import Function, Names, Scope, own_nodes

from .text import Edit


class File:
    """What all places of a file share."""

    def __init__(self, data: bytes, module: ast.Module) -> None:
        self.words = Counter(re.findall(rb"\w+", data))
        self.lines = data.split(b"\n")
        self.module = module
        self.names = Names(module)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node."""
        return {
            child: node for node in ast.walk(self.module) for child in ast.iter_child_nodes(node)
        }

    @cached_property
    def defined(self) -> Counter[str]:
        """How often the file defines a function of each name."""
        functions = (node for node in ast.walk(self.module) if isinstance(node, Function))
        return Counter(function.name for function in functions)

    @cached_property
    def awaited(self) -> set[str]:
        """The names of the functions and methods whose calls are awaited here."""
        calls = (
            node.value.func
            for node in ast.walk(self.module)
            if isinstance(node, ast.Await) and isinstance(node.value, ast.Call)
        )
        return {name for func in calls if (name := last_name(func))}

    @cached_property
    def handed_on(self) -> set[str]:
        """The names of what is called as, or is, an argument of a call."""
        found = set()
        for node in ast.walk(self.module):
            if isinstance(node, ast.Call):
                for given in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    inner = given.func if isinstance(given, ast.Call) else given
                    if name := last_name(inner):
                        found.add(name)
        return found

    def import_of(self, module: str) -> Edit | None:
        """`import module;` before the first import on its line, which moves no line."""
        for statement in self.module.body:
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                continue
            if isinstance(statement, ast.Import | ast.ImportFrom):
                at = statement.col_offset
                return Edit(statement.lineno, at, at, f"import {module}; ".encode())
        return None


class Place:
    """The function that a node stands in, and what is around it."""

    def __init__(self, file: File, scopes: list[Scope]) -> None:
        self.file = file
        self.scopes = scopes

    @property
    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """The innermost function."""
        function = self.scopes[-1]
        assert isinstance(function, Function)
        return function

    @cached_property
    def own(self) -> list[ast.AST]:
        """What runs when the function, or another scope, runs."""
        return list(own_nodes(self.scopes[-1].body))

    @cached_property
    def uses(self) -> dict[str, list[ast.Name]]:
        """Where the function names what."""
        found: dict[str, list[ast.Name]] = {}
        for node in self.own:
            if isinstance(node, ast.Name):
                found.setdefault(node.id, []).append(node)
        return found

    @cached_property
    def read_inside(self) -> set[str]:
        """The names in the functions and classes that are nested in the function."""
        found = set()
        for node in self.own:
            if isinstance(node, Function | ast.ClassDef | ast.Lambda):
                found |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
            elif isinstance(node, ast.Global | ast.Nonlocal):
                found.update(node.names)
        return found

    def parent(self, node: ast.AST) -> ast.AST:
        """The node around a node."""
        return self.file.parents[node]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, the closest first, up to the function."""
        while (node := self.file.parents[node]) is not self.function:
            yield node

    def between(self, line: int, start: int, end: int) -> bytes:
        """Some bytes of a line."""
        return self.file.lines[line - 1][start:end]

    def dotted(self, expression: ast.expr) -> str:
        """The imported thing that an expression stands for; empty if it is none."""
        return self.file.names.dotted(expression, self.scopes) or ""

    def visible(self, callee: ast.expr) -> bool:
        """Whether this file alone shows that calling `callee` gives a coroutine."""
        return self.file.names.is_visible_coroutine(callee, self.scopes)

    def plain(self, callee: ast.expr) -> ast.FunctionDef | None:
        """The plain function or method of this file that `callee` stands for."""
        return self.file.names.plain_function(callee, self.scopes)

    def with_import(self, module: str, edits: list[Edit]) -> list[Edit] | None:
        """The edits, and one that imports `module` unless it is; None if that cannot be."""
        meaning = self.file.names.lookup(module, self.scopes)
        if meaning == module:
            return edits
        imported = self.file.import_of(module)
        return [*edits, imported] if meaning is None and imported else None

    def awaited_call(self, node: ast.AST) -> tuple[ast.Call, Edit] | None:
        """The call of `await f()`, and the edit that drops the `await`."""
        if not isinstance(node, ast.Await) or not isinstance(node.value, ast.Call):
            return None
        call, line = node.value, node.lineno
        start, end = node.col_offset, call.col_offset
        # A parenthesis in between would be left alone; in f-strings 3.11 gives other columns.
        if call.lineno != line or self.between(line, start, end).strip() != b"await":
            return None
        return call, Edit(line, start, end, b"")

    def whole_line(self, statement: ast.stmt) -> bool:
        """Whether a statement has its line for itself."""
        line = self.file.lines[statement.lineno - 1]
        if statement.end_lineno != statement.lineno:
            return False
        after = line[statement.end_col_offset :].strip()
        return not line[: statement.col_offset].strip() and (not after or after[:1] == b"#")

    def expression(self, node: ast.expr) -> bytes | None:
        """The text of an expression that stands on one line."""
        if node.end_lineno != node.lineno:
            return None
        return self.file.lines[node.lineno - 1][node.col_offset : node.end_col_offset]

    def cancels_before(self, line: int) -> bool:
        """Whether the function cancels something first: then swallowing that is right."""
        return any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "cancel"
            and node.lineno <= line
            for node in self.own
        )

    def is_annotated(self, attribute: ast.Attribute) -> bool:
        """Whether the file annotates an attribute of that name."""
        return any(
            isinstance(node, ast.AnnAssign) and last_name(node.target) == attribute.attr
            for node in ast.walk(self.file.module)
        )

    def values_of(self, target: ast.expr, augmented: bool = False) -> list[ast.expr]:
        """What this file assigns to `self.x`, in the class around, or to a name.

        Empty if it is neither, or bound in other ways as well; `augmented` allows for `+=`.
        """
        if isinstance(target, ast.Name):
            scope = next((s for s in reversed(self.scopes) if target.id in self.names_of(s)), None)
            nodes = list(own_nodes(scope.body)) if scope else []
            if isinstance(scope, Function) and target.id in _arguments(scope):
                return []
        elif is_of_self(target):
            classes = [scope for scope in self.scopes if isinstance(scope, ast.ClassDef)]
            nodes = list(ast.walk(classes[-1])) if classes else []
        else:
            return []
        wanted, values, stores = ast.dump(_stored(target)), [], 0
        for node in nodes:
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                stores += ast.dump(node) == wanted
            if augmented and isinstance(node, ast.AugAssign):
                stores -= ast.dump(node.target) == wanted
            if isinstance(node, ast.Assign):
                values += [node.value for goal in node.targets if ast.dump(goal) == wanted]
            elif isinstance(node, ast.AnnAssign) and node.value and ast.dump(node.target) == wanted:
                values.append(node.value)
        return values if stores == len(values) else []

    def names_of(self, scope: Scope) -> dict[str, str]:
        """The names that a scope binds."""
        return self.file.names.of(scope)

    def is_made_by(self, target: ast.expr, *makers: str) -> bool:
        """Whether all that is assigned to `target` are calls of these."""
        values = self.values_of(target)
        return bool(values) and all(
            isinstance(value, ast.Call) and self.dotted(value.func) in makers for value in values
        )


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The names of a function's parameters."""
    return {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}


def _stored(target: ast.expr) -> ast.expr:
    """`target` as it looks where it is assigned to."""
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Store())
    assert isinstance(target, ast.Name)
    return ast.Name(target.id, ast.Store())


def is_of_self(node: ast.AST) -> bool:
    """Whether it is `self.x`."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def last_name(expression: ast.AST) -> str | None:
    """`c` of `a.b.c`, or a name."""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else None


def in_brackets(place: Place, call: ast.Call) -> tuple[int, int] | None:
    """Line and column of the parenthesis that closes a call; None if it is not there."""
    line, column = call.end_lineno or 0, (call.end_col_offset or 0) - 1
    if place.between(line, column, column + 1) != b")":
        return None
    return line, column
