"""Reads and edits the text of one file.

Every edit stays within one line and no line moves, so that a finding's line can be compared
with that of the untouched file.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Edit:
    """Replace the bytes `start..end` of a line (counted from 1)."""

    line: int
    start: int
    end: int
    text: bytes


class Unsuitable(Exception):
    """The file cannot be read by this Python, or edited safely."""


def parse(data: bytes) -> ast.Module:
    """The tree of a file whose `ast` columns are bytes of `data`."""
    if b"\r" in data.replace(b"\r\n", b""):
        raise Unsuitable("CR line ends")
    try:
        # In another encoding, and after a byte order mark, the columns are those of other bytes.
        if tokenize.detect_encoding(io.BytesIO(data).readline)[0] != "utf-8":
            raise Unsuitable("not plain UTF-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unsuitable(str(error)) from error


def apply(data: bytes, edits: set[Edit]) -> bytes:
    """`data` with the edits made; no two may overlap."""
    lines = data.split(b"\n")
    for edit in sorted(edits, reverse=True):
        line = lines[edit.line - 1]
        lines[edit.line - 1] = line[: edit.start] + edit.text + line[edit.end :]
    return b"\n".join(lines)


def compiles(data: bytes) -> bool:
    """Whether CPython takes it as a module."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
