#!/usr/bin/env python3
"""Fetch the pinned corpora of corpora.toml and unpack them."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("corpora.toml")

# The wheels are taken for a new Python: for an old one pip quietly picks a release of years ago.
# Nothing is installed, so a project that does not run on it yet is as good.
PYTHON_VERSION = "3.14"

# Folders that ruff and asynclint both leave out unless told otherwise.
EXCLUDED = frozenset({
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".mypy_cache", ".nox", ".pants.d",
    ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", "__pypackages__", "_build", "buck-out",
    "dist", "node_modules", "site-packages", "venv",
})  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """One row of corpora.toml."""

    name: str
    version: str
    kind: str
    tags: frozenset[str]

    @property
    def stem(self) -> str:
        """Name and version the way wheels spell them."""
        return f"{re.sub(r'[-_.]+', '_', self.name).lower()}-{self.version}"

    def tree(self, folder: Path) -> Path:
        """Where it lies unpacked in the cache `folder`."""
        return folder / "src" / self.stem


def load() -> list[Corpus]:
    """All corpora, in the order of the table."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["corpus"]
    return [
        Corpus(
            row["name"],
            row.get("version", platform.python_version()),
            row["kind"],
            frozenset(row["tags"]),
        )
        for row in rows
    ]


def ruff_version() -> str:
    """The version of ruff that the figures are compared with."""
    version: str = tomllib.loads(TABLE.read_text(encoding="utf-8"))["ruff"]["version"]
    return version


def tagged(tag: str) -> list[Corpus]:
    """The corpora with a tag."""
    return [corpus for corpus in load() if tag in corpus.tags]


def named(names: Iterable[str]) -> list[Corpus]:
    """The corpora with these names; an unknown name ends the program."""
    known = {corpus.name: corpus for corpus in load()}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"error: no corpus named `{unknown[0]}`; there are {', '.join(known)}")
    return [known[name] for name in names]


def default_dir() -> Path:
    """`asynclint-corpora` in the user's cache folder."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "asynclint-corpora"


def add_dir_argument(parser: argparse.ArgumentParser) -> None:
    """The `--dir` that every command shares."""
    parser.add_argument(
        "--dir",
        type=Path,
        default=default_dir(),
        help="cache folder of the corpora (default: %(default)s)",
    )


def trees(corpora: Iterable[Corpus], folder: Path) -> list[Path]:
    """The unpacked trees; a missing one ends the program."""
    found = []
    for corpus in corpora:
        tree = corpus.tree(folder)
        if not tree.is_dir():
            script = Path(__file__).name
            sys.exit(f"error: {tree} is missing; run {script} --dir {folder} {corpus.name}")
        found.append(tree)
    return found


def python_files(tree: Path) -> Iterator[Path]:
    """The Python files under `tree` that a linter looks at by default, sorted."""
    for folder, subfolders, files in os.walk(tree):
        subfolders[:] = sorted(name for name in subfolders if name not in EXCLUDED)
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in {".py", ".pyi"} and path.is_file():
                yield path


def size(tree: Path) -> tuple[int, int]:
    """Number and bytes of the Python files under `tree`."""
    sizes = [path.stat().st_size for path in python_files(tree)]
    return len(sizes), sum(sizes)


def download(corpus: Corpus, folder: Path) -> Path:
    """The archive of a corpus, downloaded unless it is there."""
    archives = folder / "wheels"
    archives.mkdir(parents=True, exist_ok=True)
    pattern = f"{corpus.stem}-*.whl" if corpus.kind == "wheel" else f"{corpus.stem}.tar.gz"
    if not any(archives.glob(pattern)):
        if corpus.kind == "wheel":
            which = ["--python-version", PYTHON_VERSION, "--ignore-requires-python"]
            which += ["--only-binary=:all:"]
        else:
            which = ["--no-binary=:all:"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *which]
        command += ["--disable-pip-version-check", "--dest", str(archives)]
        subprocess.run([*command, f"{corpus.name}=={corpus.version}"], check=True)
    found = sorted(archives.glob(pattern))
    if not found:
        sys.exit(f"error: pip left no {pattern} in {archives}")
    return found[0]


def copy_stdlib(target: Path) -> None:
    """Copy the Python files of the standard library.

    A copy, because the original may lie in a folder that a version manager has put into its
    .gitignore, and because `site-packages` lies inside it.
    """
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in python_files(library):
        copy = target / path.relative_to(library)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def fetch(corpus: Corpus, folder: Path) -> Path:
    """The unpacked tree of a corpus, made unless it is there."""
    tree = corpus.tree(folder)
    if tree.is_dir():
        return tree
    # An interrupted run must not leave half a tree under the final name.
    partial = tree.with_name(tree.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    if corpus.kind == "stdlib":
        copy_stdlib(partial)
    elif corpus.kind == "wheel":
        with zipfile.ZipFile(download(corpus, folder)) as wheel:
            wheel.extractall(partial)
    elif corpus.kind == "sdist":
        shutil.unpack_archive(download(corpus, folder), partial, filter="data")
    else:
        sys.exit(f"error: unknown kind `{corpus.kind}` of {corpus.name} in {TABLE.name}")
    partial.rename(tree)
    return tree


def main() -> None:
    """Fetch what is asked for and print where it lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="corpora (default: all)")
    parser.add_argument("--tag", help="only the corpora with this tag")
    add_dir_argument(parser)
    options = parser.parse_args()
    chosen = named(options.names) if options.names else load()
    if options.tag:
        chosen = [corpus for corpus in chosen if options.tag in corpus.tags]
    if not chosen:
        parser.error("no corpus is left to fetch")
    total_files = total_bytes = 0
    for corpus in chosen:
        tree = fetch(corpus, options.dir)
        files, length = size(tree)
        total_files, total_bytes = total_files + files, total_bytes + length
        print(f"{files:6} files {length / 1e6:7.1f} MB  {tree}", flush=True)
    print(f"{total_files:6} files {total_bytes / 1e6:7.1f} MB  in {len(chosen)} corpora")


if __name__ == "__main__":
    main()
