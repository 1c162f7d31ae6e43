"""Finds the places of a file in which a mutation fits."""

from __future__ import annotations

import ast
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from scopes import Function

from .place import File, Place
from .registry import MUTATIONS, Mutation, Plant
from .text import Edit, parse


@dataclass(frozen=True)
class Site:
    """One place where one mutation fits."""

    mutation: str
    # Any of these lints on the line counts as finding the bug.
    lints: tuple[str, ...]
    project: str
    path: str
    line: int
    # Lines of the outermost functions that are edited: each is used for one site only.
    functions: tuple[int, ...]
    # First and last line of the innermost function.
    span: tuple[int, int]
    # Whether the file alone shows what is called; None where that does not matter.
    visible: bool | None
    # The function that is another thing afterwards.
    changes: str | None
    edits: tuple[Edit, ...]

    @property
    def identity(self) -> str:
        """For the seeded draw."""
        return f"{self.project}/{self.path}:{self.line}"

    @property
    def kind(self) -> tuple[str, tuple[str, ...]]:
        """What is counted together."""
        return (self.mutation, self.lints)


def sites(data: bytes, project: str, path: Path) -> list[Site]:
    """All sites of a file, in source order."""
    walk = _Walk(File(data, parse(data)), project, path.as_posix())
    walk.visit(Place(walk.file, [walk.file.module]))
    return sorted(walk.found, key=lambda site: (site.line, site.mutation))


class _Walk:
    """Walks one file, scope by scope."""

    def __init__(self, file: File, project: str, path: str) -> None:
        self.file = file
        self.project = project
        self.path = path
        self.found: list[Site] = []
        self.outermost = sorted(_outermost(file.module))
        self.by_node: dict[type[ast.AST], list[Mutation]] = {}
        for mutation in MUTATIONS.values():
            for node in mutation.nodes:
                self.by_node.setdefault(node, []).append(mutation)

    def visit(self, place: Place) -> None:
        """Collect the sites of a scope and of those inside it."""
        for node in place.own:
            if isinstance(node, Function | ast.ClassDef):
                inner = Place(self.file, [*place.scopes, node])
                if isinstance(node, Function):
                    self.try_all(node, inner)
                self.visit(inner)
            elif isinstance(place.scopes[-1], Function):
                self.try_all(node, place)

    def try_all(self, node: ast.AST, place: Place) -> None:
        """Collect the sites at one node."""
        for mutation in self.by_node.get(type(node), ()):
            if mutation.coroutine and not isinstance(place.function, ast.AsyncFunctionDef):
                continue
            for plant in mutation.find(node, place):
                self.add(mutation, plant, place)

    def add(self, mutation: Mutation, plant: Plant, place: Place) -> None:
        """Keep a site."""
        edited = {edit.line for edit in plant.edits} | {plant.line}
        functions = {begin for line in edited if (begin := self.outermost_at(line)) is not None}
        span = (place.function.lineno, place.function.end_lineno or 0)
        lints = (plant.lint,) if plant.lint else mutation.lints
        self.found.append(
            Site(
                mutation=mutation.name,
                lints=lints,
                project=self.project,
                path=self.path,
                line=plant.line,
                functions=tuple(sorted(functions)),
                span=span,
                visible=plant.visible,
                changes=plant.changes,
                edits=tuple(plant.edits),
            )
        )

    def outermost_at(self, line: int) -> int | None:
        """The line on which the outermost function around a line begins."""
        index = bisect_right(self.outermost, (line, float("inf"))) - 1
        if index < 0 or line > self.outermost[index][1]:
            return None
        return self.outermost[index][0]


def _outermost(module: ast.Module) -> list[tuple[int, int]]:
    """First and last lines of the functions that are in no other, with their decorators."""
    found: list[tuple[int, int]] = []
    pending: list[ast.AST] = [module]
    while pending:
        for node in ast.iter_child_nodes(pending.pop()):
            if isinstance(node, Function):
                first = min([node.lineno, *(line.lineno for line in node.decorator_list)])
                found.append((first, node.end_lineno or node.lineno))
            else:
                pending.append(node)
    return found
