"""Runs `asynclint check` and reads its findings."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]

Key = tuple[str, int, str]


@dataclass(frozen=True, order=True)
class Finding:
    """One diagnostic, without its labels."""

    path: str
    row: int
    column: int
    lint: str
    level: str
    message: str

    @property
    def key(self) -> Key:
        """What stays the same when a line is edited: columns and messages do not."""
        return (self.path, self.row, self.lint)


@dataclass(frozen=True)
class Run:
    """How one run of the linter ended."""

    findings: list[Finding]
    exit_code: int
    stderr: str
    seconds: float
    timed_out: bool = False
    malformed: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why the run cannot be trusted, if so. Exit code 2 with findings is a valid answer."""
        if self.timed_out:
            return f"no answer within {self.seconds:.1f} s"
        if "panicked" in self.stderr:
            return "panic"
        if self.exit_code < 0:
            return f"ended by signal {-self.exit_code}"
        if self.exit_code not in {0, 1, 2}:
            return f"exit code {self.exit_code}"
        return self.malformed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The `--binary` and `-j` that every command shares."""
    suffix = ".exe" if os.name == "nt" else ""
    parser.add_argument(
        "--binary",
        type=Path,
        default=REPOSITORY / "target" / "release" / f"asynclint{suffix}",
        help="the linter (default: target/release/asynclint)",
    )
    parser.add_argument("-j", "--threads", type=int, metavar="N", help="threads of the linter")


def binary(options: argparse.Namespace) -> Path:
    """The linter chosen on the command line; a missing one ends the program."""
    path: Path = options.binary.resolve()
    if not path.is_file():
        sys.exit(f"error: {path} is missing; run cargo build --release, or give --binary")
    return path


def environment(threads: int | None, *, caches: bool = False) -> dict[str, str]:
    """The environment of a run, without what would make runs differ between machines; and without
    caches, unless these are asked for."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ASYNCLINT_") and name != "VIRTUAL_ENV"
    }
    variables["NO_COLOR"] = "1"
    if not caches:
        variables["ASYNCLINT_NO_CACHE"] = "1"
    if threads is not None:
        variables["RAYON_NUM_THREADS"] = str(threads)
    return variables


def run(
    program: Path,
    root: Path,
    target: str = ".",
    *,
    threads: int | None = None,
    timeout: float | None = None,
    target_version: str | None = None,
    python: Path | None = None,
) -> Run:
    """Lint `target` inside `root`; the paths of the findings are relative to `root`. Packages are
    those of the environment `python`, if it is given."""
    root = root.resolve()
    command = [str(program), "check", "--no-cache", target, "--output-format", "json"]
    if target_version is not None:
        command += ["--target-version", target_version]
    if python is not None:
        command += ["--python", str(python.absolute())]
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment(threads),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as expired:
        stderr = (expired.stderr or b"").decode(errors="replace")
        return Run([], -1, stderr, time.perf_counter() - start, timed_out=True)
    seconds = time.perf_counter() - start
    stderr = done.stderr.decode(errors="replace")
    try:
        findings = sorted(finding(item, root) for item in json.loads(done.stdout))
    except (ValueError, KeyError, TypeError) as error:
        malformed = f"output is not the JSON that was asked for: {error!r}"
        return Run([], done.returncode, stderr, seconds, malformed=malformed)
    return Run(findings, done.returncode, stderr, seconds)


def run_or_exit(
    program: Path,
    root: Path,
    threads: int | None,
    target_version: str | None = None,
    python: Path | None = None,
) -> Run:
    """As `run`, for commands that can do nothing with a failed run."""
    result = run(program, root, threads=threads, target_version=target_version, python=python)
    if result.trouble is not None:
        sys.exit(f"error: {program.name} on {root}: {result.trouble}\n{result.stderr[-2000:]}")
    return result


def finding(item: dict[str, Any], root: Path) -> Finding:
    """One element of the JSON array."""
    path = os.path.relpath(root / item["path"], root).replace(os.sep, "/")
    place = item["location"]
    return Finding(
        path, place["row"], place["column"], item["lint"], item["level"], item["message"]
    )
