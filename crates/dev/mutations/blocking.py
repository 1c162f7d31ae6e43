"""Calls that stop the event loop."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scopes import own_nodes

from .place import Place, in_brackets, last_name
from .registry import Plant, mutation
from .text import Edit

# What waits in its thread, by the lint that knows it.
SINKS = {
    "blocking-sleep": {"time.sleep"},
    "blocking-http": {
        "requests.delete", "requests.get", "requests.head", "requests.patch", "requests.post",
        "requests.put", "requests.request", "urllib.request.urlopen", "urllib.request.urlretrieve",
        "httpx.get", "httpx.post", "httpx.put", "httpx.request",
    },
    "blocking-subprocess": {
        "os.system", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
        "subprocess.run",
    },
    "blocking-file-io": {
        "os.walk", "shutil.copy", "shutil.copyfile", "shutil.copyfileobj", "shutil.copytree",
        "shutil.make_archive", "shutil.move", "shutil.rmtree", "shutil.unpack_archive",
        "ssl.create_default_context", "tempfile.mkdtemp", "tempfile.mkstemp",
        "tempfile.NamedTemporaryFile", "tempfile.TemporaryDirectory", "glob.glob",
    },
    "blocking-input": {"getpass.getpass"},
    "blocking-password-hash": {"bcrypt.checkpw", "bcrypt.hashpw", "hashlib.scrypt"},
    "blocking-db": {"psycopg2.connect", "pymysql.connect", "sqlite3.connect"},
    "blocking-network": {
        "socket.create_connection", "socket.getaddrinfo", "socket.gethostbyaddr",
        "socket.gethostbyname", "smtplib.SMTP", "smtplib.SMTP_SSL",
    },
}  # fmt: skip

# Methods of `pathlib.Path` that nothing else in plain code is likely to have.
OF_PATHS = frozenset({"read_bytes", "read_text", "write_bytes", "write_text"})

# The lints that follow plain helpers unless told otherwise.
FOLLOWED = frozenset({
    "blocking-http", "blocking-network", "blocking-password-hash", "blocking-sleep",
    "blocking-subprocess",
})  # fmt: skip

# Functions that hand their argument to a thread, with the place of the function in it.
TO_THREAD = {
    "async_add_executor_job": 0, "run_in_executor": 1, "run_in_threadpool": 0, "to_thread": 0,
    "run_sync_in_worker_thread": 0,
}  # fmt: skip


def _sink(function: ast.expr, at: Place) -> str | None:
    """The lint that knows what is called."""
    dotted = at.dotted(function)
    for lint, names in SINKS.items():
        if dotted in names:
            return lint
    if isinstance(function, ast.Name) and function.id == "open":
        return "blocking-file-io" if at.file.names.lookup("open", at.scopes) is None else None
    if isinstance(function, ast.Attribute) and function.attr in OF_PATHS:
        return "blocking-file-io"
    return None


def _reached(helper: ast.FunctionDef, at: Place) -> str | None:
    """The lint that knows what a helper calls, wherever it stands in it."""
    if helper.decorator_list or helper in at.scopes:
        return None
    inside = Place(at.file, [at.file.module, helper])
    calls = [node for node in own_nodes(helper.body) if isinstance(node, ast.Call)]
    reached = {_sink(call.func, inside) for call in calls} & FOLLOWED
    return reached.pop() if len(reached) == 1 else None


@mutation("block-sleep", ast.Expr, lints="blocking-sleep")
def block_sleep(node: ast.Expr, at: Place) -> Iterator[Plant]:
    """`await asyncio.sleep(x)` becomes `time.sleep(x)`"""
    found = at.awaited_call(node.value)
    if found is None:
        return
    call, edit = found
    seconds = call.args[0] if call.args else None
    if isinstance(seconds, ast.Constant) and not seconds.value:
        # `time.sleep(0)` waits for nothing.
        return
    if at.dotted(call.func) != "asyncio.sleep" or len(call.args) != 1 or call.keywords:
        return
    end = call.func.end_col_offset
    if call.func.end_lineno != edit.line or end is None:
        return
    edits = at.with_import("time", [Edit(edit.line, edit.start, end, b"time.sleep")])
    if edits:
        yield Plant(edit.line, edits)


def _replaced_callee(
    node: ast.expr, at: Place, module: str, function: str
) -> tuple[int, list[Edit]] | None:
    """`await x.y(` becomes `module.function(`, and the module is imported."""
    found = at.awaited_call(node)
    if found is None or found[0].func.end_lineno != found[1].line:
        return None
    call, edit = found
    new = f"{module}.{function}".encode()
    end = call.func.end_col_offset or 0
    edits = at.with_import(module, [Edit(edit.line, edit.start, end, new)])
    return (edit.line, edits) if edits else None


@mutation("block-http", ast.Await, lints="blocking-http")
def block_http(node: ast.Await, at: Place) -> Iterator[Plant]:
    """`await client.get(...)`, where a URL is given, becomes `requests.get(...)`"""
    match node.value:
        case ast.Call(func=ast.Attribute(value=client, attr=method), args=[ast.expr(), *_]):
            pass
        case _:
            return
    if method not in {"delete", "get", "patch", "post", "put"}:
        return
    if re.search("client|session|http", last_name(client) or "", re.IGNORECASE):
        found = _replaced_callee(node, at, "requests", method)
        if found:
            yield Plant(*found)


@mutation("block-subprocess", ast.Await, lints="blocking-subprocess")
def block_subprocess(node: ast.Await, at: Place) -> Iterator[Plant]:
    """`await asyncio.create_subprocess_exec(...)` becomes `subprocess.run(...)`"""
    if not isinstance(node.value, ast.Call):
        return
    if at.dotted(node.value.func).startswith("asyncio.create_subprocess_"):
        found = _replaced_callee(node, at, "subprocess", "run")
        if found:
            yield Plant(*found)


@mutation("make-async", ast.FunctionDef, lints="", coroutine=False)
def make_async(node: ast.FunctionDef, at: Place) -> Iterator[Plant]:
    """the `def` of a function that blocks becomes `async def`"""
    if node.decorator_list or node.name.startswith("__"):
        # A decorator may hand it to a thread; other lints know special methods.
        return
    calls = [inner for inner in at.own if isinstance(inner, ast.Call)]
    found = [
        (call.lineno, call.col_offset, lint) for call in calls if (lint := _sink(call.func, at))
    ]
    if not found or any(isinstance(inner, ast.YieldFrom) for inner in at.own):
        return
    if len({lint for _, _, lint in found}) == 1:
        line, _, lint = min(found)
        edit = Edit(node.lineno, node.col_offset, node.col_offset, b"async ")
        yield Plant(line, [edit], lint=lint, changes=node.name)


@mutation("leave-thread", ast.Await, lints="")
def leave_thread(node: ast.Await, at: Place) -> Iterator[Plant]:
    """`await asyncio.to_thread(f, x)` and its like become `f(x)`, where `f` blocks"""
    found = at.awaited_call(node)
    if found is None:
        return
    call, await_edit = found
    name = last_name(call.func) or ""
    if name not in TO_THREAD or len(call.args) <= TO_THREAD[name]:
        return
    position = TO_THREAD[name]
    function = call.args[position]
    lint, visible = _sink(function, at), True
    if lint is None and (helper := at.plain(function)):
        lint, visible = _reached(helper, at), False
    edits = _called_here(call, await_edit, position, at)
    if lint is not None and edits is not None:
        yield Plant(function.lineno, edits, visible, lint)


def _called_here(call: ast.Call, await_edit: Edit, position: int, at: Place) -> list[Edit] | None:
    """`await to_thread(f, x)` becomes `(f( x))`, line by line."""
    function = call.args[position]
    opening, closing = _opening(call, at), in_brackets(at, call)
    line, end = function.end_lineno or 0, function.end_col_offset or 0
    if opening is None or closing is None or call.func.end_lineno != await_edit.line:
        return None
    after = at.file.lines[line - 1][end:]
    edits = [Edit(await_edit.line, await_edit.start, opening, b"")]
    if position:
        # The executor, which stands before the function.
        first = call.args[0]
        if first.lineno != function.lineno:
            return None
        edits.append(Edit(first.lineno, first.col_offset, function.col_offset, b""))
    comma = len(after) - len(after.lstrip())
    alone = len(call.args) == position + 1 and not call.keywords
    if after[comma : comma + 1] == b",":
        edits.append(Edit(line, end, end + comma + 1, b"("))
    elif alone and (not after.strip() or (line, end + comma) == closing):
        edits.append(Edit(line, end, end, b"("))
    else:
        return None
    return [*edits, Edit(closing[0], closing[1], closing[1], b")")]


def _opening(call: ast.Call, at: Place) -> int | None:
    """The column of the parenthesis behind what is called."""
    column = call.func.end_col_offset or 0
    return column if at.between(call.func.end_lineno or 0, column, column + 1) == b"(" else None
