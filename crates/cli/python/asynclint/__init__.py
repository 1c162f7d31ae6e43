"""Finds async pitfalls in Python. The program is a binary; `find_binary` tells where it lies."""

from ._find import find_binary

__all__ = ["find_binary"]
