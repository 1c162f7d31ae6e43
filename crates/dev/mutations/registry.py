"""What a mutation is, and the list of all of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .place import Place
from .text import Edit


@dataclass(frozen=True)
class Plant:
    """One way to plant a bug: the edits, and the line on which it should be found."""

    line: int
    edits: list[Edit]
    # Whether the file alone shows what the edited code calls; None where that does not matter.
    visible: bool | None = None
    # The lint of this plant, where a mutation makes bugs of several kinds.
    lint: str | None = None
    # The function that is another thing afterwards.
    changes: str | None = None


Finder = Callable[[Any, Place], Iterator[Plant]]


@dataclass(frozen=True)
class Mutation:
    """A kind of edit that makes a kind of bug."""

    name: str
    nodes: tuple[type[ast.AST], ...]
    # Any of these lints on the expected line counts as finding the bug.
    lints: tuple[str, ...]
    # Whether the bug stands in a coroutine.
    coroutine: bool
    # Whether CPython refuses the file afterwards, which is the bug.
    breaks: bool
    # What else is right to say about the function then.
    brings: frozenset[str]
    find: Finder

    @property
    def summary(self) -> str:
        """What the edit is, in one line."""
        return (self.find.__doc__ or "").strip().splitlines()[0].rstrip(".")


MUTATIONS: dict[str, Mutation] = {}


def mutation(
    name: str,
    *nodes: type[ast.AST],
    lints: str,
    coroutine: bool = True,
    breaks: bool = False,
    brings: str = "",
) -> Callable[[Finder], Finder]:
    """Register a function that is called with each node of the given kinds in a function.

    `lints` are the names of the lints that should find it, with spaces between them, and `brings`
    of those that say something else about the edited function. The first line of the docstring
    says what the edit is.
    """

    def register(find: Finder) -> Finder:
        assert name not in MUTATIONS, name
        # Where the only `await` is gone, nothing needs a coroutine, or a timeout, any more.
        follow = frozenset({"cancel-scope-without-checkpoint", "unused-async", *brings.split()})
        found_by = tuple(lints.split())
        MUTATIONS[name] = Mutation(name, nodes, found_by, coroutine, breaks, follow, find)
        return find

    return register
