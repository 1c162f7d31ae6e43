#!/usr/bin/env python3
"""Run the linter over folders again and again: no panic, no timeout, every output the same.

Each folder is checked whole with 1, 2 and 8 threads, then by its files in shuffled order, then
with every further binary (a debug build has checks that a release has not).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import linter

THREADS = (1, 2, 8)

# Bytes of names that one command line may hold on every Unix that is in use.
MAX_NAMES = 1_000_000


@dataclass(frozen=True)
class Output:
    """All that a run says."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def trouble(self) -> str | None:
        """Why no run may say this."""
        if self.exit_code not in {0, 1, 2}:
            return f"exit code {self.exit_code}"
        text = self.stdout + self.stderr
        words = (b"panicked", b"internal error", b"not parsed within")
        return next((word.decode() for word in words if word in text), None)


def check(
    program: Path, folder: Path, paths: list[str], threads: int | None, timeout: float
) -> Output:
    """One run over `paths` of `folder`."""
    command = [str(program), "check", "--no-cache", "--output-format", "json", "--select", "ALL"]
    done = subprocess.run(
        [*command, *paths],
        cwd=folder,
        env=linter.environment(threads),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
    )
    return Output(done.returncode, done.stdout, done.stderr)


def files(program: Path, folder: Path) -> list[str]:
    """The files that a run over `folder` checks."""
    command = [str(program), "check", "--show-files"]
    done = subprocess.run(command, cwd=folder, env=linter.environment(None), capture_output=True)
    return done.stdout.decode("utf-8", "surrogateescape").splitlines()


def runs(
    programs: list[Path], folder: Path, names: list[str], options: argparse.Namespace
) -> list[str]:
    """Makes all runs over `folder` and says what is wrong with them."""
    first, *others = programs
    shuffled = names.copy()
    random.Random(options.seed).shuffle(shuffled)
    wanted = [(f"{count} threads", first, ["."], count) for count in THREADS]
    if sum(map(len, names)) < MAX_NAMES and names:
        wanted.append(("shuffled files", first, shuffled, None))
    wanted += [(str(other), other, ["."], None) for other in others]
    twin = None
    wrong = []
    for what, program, paths, threads in wanted:
        try:
            output = check(program, folder, paths, threads, options.timeout)
        except subprocess.TimeoutExpired:
            wrong.append(f"{folder}, {what}: no answer within {options.timeout} s")
            continue
        if output.trouble is not None:
            wrong.append(f"{folder}, {what}: {output.trouble}\n{output.stderr.decode()[-2000:]}")
        twin = twin or output
        if output != twin:
            wrong.append(f"{folder}: {what} give another output than {wanted[0][0]}")
    return wrong


def main() -> None:
    """Run, report, exit with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="one project each")
    parser.add_argument(
        "--binary",
        action="append",
        type=Path,
        metavar="FILE",
        help="the linter, and further builds of it (default: target/release/asynclint)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the shuffling")
    parser.add_argument("--timeout", type=float, default=1200, help="seconds for one run")
    options = parser.parse_args()
    default = [linter.REPOSITORY / "target" / "release" / "asynclint"]
    programs = [path.resolve() for path in options.binary or default]
    total = 0
    wrong = []
    for folder in options.folders:
        start = time.perf_counter()
        names = files(programs[0], folder)
        found = runs(programs, folder, names, options)
        total += len(names)
        seconds = time.perf_counter() - start
        print(f"{folder.name}: {len(names)} files, {seconds:.0f} s, {len(found)} wrong", flush=True)
        wrong += found
    print(f"\n{total} files in {len(options.folders)} folders; wrong: {len(wrong)}")
    for line in wrong:
        print(f"    {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
