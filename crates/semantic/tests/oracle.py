"""Print what CPython's own parser sees in Python files.

Usage: oracle.py FILE_WITH_PATHS

For each path one line `# path`, or `! path` where CPython refuses the file, then one line for each
node: `kind line column`, where lines are 1-based and columns are 0-based UTF-8 bytes. Nodes inside
f-strings are counted only (`kind 0 0`): CPython 3.11 does not know their places. Type parameters of
which one has a default (PEP 696) are left out: the grammar does not know these, and what is in them
runs only where somebody asks for the type. Patterns of `case` and the names of `type` statements
are left out too: they are no expressions.
"""

import ast
import sys
import warnings

KINDS = {
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "async-def",
    ast.Await: "await",
    ast.AsyncFor: "async-for",
    ast.AsyncWith: "async-with",
    ast.Call: "call",
}


# Names in their bounds are types, and nothing is read there when the code runs.
TYPE_PARAMETERS = {"TypeVar", "TypeVarTuple", "ParamSpec"}


def has_default(node: ast.AST) -> bool:
    """Whether it has type parameters with a default among them."""
    parameters = getattr(node, "type_params", [])
    return any(getattr(one, "default_value", None) is not None for one in parameters)


def walk(tree: ast.AST) -> list[tuple[str, int, int]]:
    """Return the kinds and places of the nodes that are compared."""
    found: list[tuple[str, int, int]] = []
    todo: list[tuple[ast.AST, bool, bool]] = [(tree, False, False)]
    while todo:
        node, in_string, in_parameter = todo.pop()
        in_string = in_string or isinstance(node, ast.JoinedStr)
        in_parameter = in_parameter or type(node).__name__ in TYPE_PARAMETERS
        kind = KINDS.get(type(node))
        if kind is not None:
            place = (0, 0) if in_string else (node.lineno, node.col_offset)
            found.append((kind, *place))
        if isinstance(node, ast.Name) and not in_parameter:
            place = (0, 0) if in_string else (node.lineno, node.col_offset)
            is_read = isinstance(node.ctx, ast.Load)
            found.append(("read" if is_read else "target", *place))
        if isinstance(node, ast.comprehension) and node.is_async:
            found.append(("async-clause", 0, 0))
        if isinstance(node, ast.pattern):
            continue
        unread = node.type_params if has_default(node) else []
        if type(node).__name__ == "TypeAlias":
            unread = [*unread, node.name]
        children = (child for child in ast.iter_child_nodes(node) if child not in unread)
        todo.extend((child, in_string, in_parameter) for child in children)
    return found


def main() -> None:
    """Read the paths and print the nodes."""
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(10_000)
    with open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as file:
        paths = file.read().split("\0")
    out = sys.stdout
    for path in filter(None, paths):
        try:
            with open(path, "rb") as source:
                tree = ast.parse(source.read(), path)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            out.write(f"! {path}\n")
            continue
        out.write(f"# {path}\n")
        out.writelines(f"{kind} {line} {column}\n" for kind, line, column in walk(tree))


main()
