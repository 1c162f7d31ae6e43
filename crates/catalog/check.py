"""Compares the library files with the libraries of the Python that runs this.

    python3 crates/catalog/check.py

Run it with every Python at hand, and with anyio and trio installed. It prints what differs and
exits with 1 if anything does. Introspection cannot see all that a file says (what runs already,
what blocks, what a C function returns); it sees names, coroutine functions, bases and protocols.
"""

import importlib
import importlib.metadata
import inspect
import pathlib
import re
import sys
import sysconfig
import warnings

try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib

HERE = pathlib.Path(__file__).parent / "libraries"
PYTHON = sys.version_info[:2]
STDLIB = sysconfig.get_paths()["stdlib"]
# Files that tell all public names of these modules.
COMPLETE = ["asyncio", "concurrent.futures", "contextlib", "threading", "time"]
# Described and not seen: other systems, what is set on instances or handed on by them, C classes
# behind functions.
ABSENT = re.compile(
    r"asyncio\.(Windows|windows_events|Proactor|proactor_events)|builtins\.WindowsError"
    r"|Condition\.(acquire|release|locked)$|threading\.R?Lock\."
    r"|SemLock\.(acquire|release)$|BaseContext\.Process$|BaseManager\.shutdown$"
    r"|tempfile\._TemporaryFileWrapper\."
)
# Seen and not worth describing: names of structures and clocks, obsolete twins of lock methods.
UNTOLD = re.compile(r"\.(_[a-z]\w*|n_\w*fields|CLOCK_\w+|exc_traceback|\w+_lock)$")
KNOWN = re.compile(
    # A function or a C class, and the same for all that is asked.
    r"threading\._RLock is not threading\.RLock"
    # Can be entered by `with` only to be told off.
    r"|trio\._core\._run\.NurseryManager and manager"
    # Could be entered by `with` up to 3.12, which did nothing.
    r"|pathlib\.\S+ and manager"
    # Before 3.9 `with await lock` was still there; before 3.10 `nullcontext` was for `with` alone.
    + (r"|asyncio\.\S+ and (manager|awaitable)" if PYTHON < (3, 9) else "")
    + (r"|contextlib\.nullcontext .*" if PYTHON < (3, 10) else "")
    # Twins before 3.9, below one private class.
    + (r"|nntplib\.NNTP_SSL is no nntplib\.NNTP" if PYTHON < (3, 9) else "")
    # Older than their public names.
    + (r"|asyncio\.(Server|\w+\.connect_accepted_socket) .* there" if PYTHON < (3, 10) else "")
)
PROTOCOLS = {
    "manager": "__enter__",
    "async-manager": "__aenter__",
    "async-iterable": "__aiter__",
    "awaitable": "__await__",
}

problems = []


def version(text):
    return tuple(int(part) for part in text.split("."))


def find(name):
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            if part not in ("__aenter__", "__aexit__") and isinstance(found, type):
                found = inspect.getattr_static(found, part)
                found = getattr(found, "__func__", found)
            else:
                found = getattr(found, part)
        return found
    raise AttributeError(name)


def spread(table):
    """Names and what is said of them, whichever way it is written."""
    for answer, names in table.get("gives", {}).items():
        for name in names:
            yield name, {"gives": answer.split("->")[0].strip()}
    for names in table.get("blocks", {}).values():
        for name in names:
            yield name, {"gives": "plain"}
    for name, fact in {**table.get("functions", {}), **table.get("methods", {})}.items():
        yield name, {"gives": fact.split("->")[0].strip()} if isinstance(fact, str) else fact


def is_standard(library):
    origin = getattr(sys.modules.get(library), "__file__", None)
    return origin is None or origin.startswith(STDLIB) and "site-packages" not in origin


def is_here(name, fact):
    library = name.split(".")[0]
    now = PYTHON if is_standard(library) else version(importlib.metadata.version(library))
    return version(fact.get("since", "0.0")) <= now < version(fact.get("removed", "99.0"))


def check_callable(name, fact):
    try:
        found = find(name)
    except AttributeError:
        if is_here(name, fact) and not ABSENT.search(name):
            problems.append(f"{name} is described and not there")
        return
    if not is_here(name, fact):
        problems.append(f"{name} is there and said not to be")
    gives = fact.get("gives", "plain")
    if inspect.iscoroutinefunction(found) != (gives == "coroutine"):
        problems.append(f"{name} is called {gives}")


def check_class(name, table):
    try:
        found = find(name)
    except AttributeError:
        if is_here(name, table) and not ABSENT.search(name):
            problems.append(f"{name} is described and not there")
        return
    if not is_here(name, table):
        problems.append(f"{name} is there and said not to be")
    if not isinstance(found, type):
        return
    # An exception of its own before 3.11; and a base that is younger than the class.
    younger = ("builtins.TimeoutError", "contextlib.AsyncContextDecorator")
    for base in table.get("bases", []):
        if PYTHON < (3, 11) and base in younger:
            continue
        if not issubclass(found, find(base)):
            problems.append(f"{name} is no {base}")
    for protocol, method in PROTOCOLS.items():
        if hasattr(found, method) != (protocol in table.get("protocols", [])):
            problems.append(f"{name} and {protocol}")
    for member, fact in spread(table):
        fact = dict(fact)
        if "since" in table and version(table["since"]) > version(fact.get("since", "0.0")):
            fact["since"] = table["since"]
        check_callable(f"{name}.{member}", fact)


def members(files, name):
    table = files.get(name, {})
    found = {member for member, _ in spread(table)} | set(table.get("attributes", {}))
    return found.union(*(members(files, base) for base in table.get("bases", [])))


def check_complete(module, described, classes):
    names = getattr(module, "__all__", None) or [n for n in dir(module) if n[0] != "_"]
    for short in names:
        name = f"{module.__name__}.{short}"
        if inspect.ismodule(getattr(module, short, None)) or UNTOLD.search(name):
            continue
        if name not in described:
            problems.append(f"{name} is not described")
        found = getattr(module, short, None)
        if not isinstance(found, type) or name not in classes:
            continue
        told = members(classes, name)
        for member in vars(found):
            if member[0] != "_" and member not in told and not UNTOLD.search(f".{member}"):
                problems.append(f"{name}.{member} is not described")


def main():
    warnings.simplefilter("ignore")
    described, classes = set(), {}
    for path in sorted(HERE.glob("*.toml")):
        file = tomllib.loads(path.read_text(encoding="utf-8"))
        try:
            importlib.import_module(path.stem)
        except ImportError:
            print(f"{path.stem} is not installed")
            continue
        for name, fact in spread(file):
            described.add(name)
            check_callable(name, fact)
        for base, names in file.get("subclasses", {}).items():
            for name in names:
                described.add(name)
                classes[name] = {"bases": [base] if base != "builtins.object" else []}
                if name not in ("builtins.bool",) and path.stem != "builtins":
                    table = dict(classes[name])
                    check_class(name, {**table, "protocols": inherited(file, classes, base)})
        for name, table in file.get("classes", {}).items():
            described.add(name)
            classes[name] = table
            check_class(name, table)
        described |= set(file.get("instances", {}))
        check_aliases(file)
        described |= set(file.get("aliases", {}))
    for module in COMPLETE:
        check_complete(importlib.import_module(module), described, classes)
    found = [problem for problem in problems if not KNOWN.fullmatch(problem)]
    for problem in found:
        print(problem)
    print(f"Python {PYTHON[0]}.{PYTHON[1]}: {len(described)} names, {len(found)} problems")
    return bool(found)


def inherited(file, classes, base):
    table = file.get("classes", {}).get(base) or classes.get(base, {})
    found = set(table.get("protocols", []))
    return found.union(*(inherited(file, classes, base) for base in table.get("bases", [])))


def check_aliases(file):
    pairs = []
    for name, alias in file.get("aliases", {}).items():
        if isinstance(alias, str):
            pairs.append((name, alias))
        else:
            pairs += [(f"{name}.{n}", f"{alias['of']}.{n}") for n in alias["names"]]
    for alias, name in pairs:
        try:
            if find(alias) is not find(name):
                problems.append(f"{alias} is not {name}")
        except AttributeError:
            try:
                find(name)
            except AttributeError:
                continue
            if not ABSENT.search(alias):
                problems.append(f"{alias} is not there, {name} is")


if __name__ == "__main__":
    sys.exit(main())
