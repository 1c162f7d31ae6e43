"""The bugs that plant.py plants: where they fit in a file, and the edits that make them.

A new mutation is one function under `@mutation(...)` in the module of its group.
"""

from __future__ import annotations

from . import awaits, blocking, cancellation, event_loop, functions, protocols, shared_state, tasks
from .registry import MUTATIONS, Mutation
from .sites import Site, sites
from .text import Edit, Unsuitable, apply, compiles

GROUPS = (
    awaits, protocols, functions, blocking, tasks, cancellation, event_loop, shared_state
)  # fmt: skip

__all__ = [
    "GROUPS", "MUTATIONS", "Edit", "Mutation", "Site", "Unsuitable", "apply", "compiles", "sites"
]  # fmt: skip
