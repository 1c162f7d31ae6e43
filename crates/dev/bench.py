#!/usr/bin/env python3
"""Time, CPU and memory against ruff's async rules on the same trees (Unix only)."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import corpora
import linter

GROUPS = ("async-heavy", "mixed", "plain")
RUFF = ["check", "--isolated", "--no-cache", "--select", "ASYNC,RUF006", "--exit-zero", "-q"]
# With caches: ruff's async rules, and the rules that it has on where nothing is said.
RUFF_WARM = {"async": RUFF[:2] + RUFF[3:], "default": ["check", "--isolated", "--exit-zero", "-q"]}

LATENCY_LINES = 500
LATENCY_RUNS = 20


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    cpu: float
    wall: float
    peak_rss_mb: float


def measure(
    command: list[str], threads: int | None, allowed: set[int], source: Path | None = None
) -> Cost:
    """Run a command on `source` as its input, with its output thrown away; any exit code but
    `allowed` ends the program."""
    timer = [sys.executable, "-I", "-S", str(Path(__file__).with_name("measure.py"))]
    with open(source or os.devnull, "rb") as given:
        done = subprocess.run(
            [*timer, *command],
            # Commands that are to do without a cache say so.
            env=linter.environment(threads, caches=True),
            stdin=given,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    exit_code, cpu, wall, peak = done.stdout.split()
    if int(exit_code) not in allowed:
        sys.exit(f"error: exit code {exit_code} of {' '.join(command)}")
    return Cost(float(cpu), float(wall), int(peak) / 1e6)


def find_ruff(folder: Path) -> Path:
    """A native ruff: from PATH, beside this Python, or installed into the cache.

    A shim of a version manager is passed over, since its start-up would be charged to ruff.
    """
    paths = [*os.environ.get("PATH", "").split(os.pathsep), sysconfig.get_path("scripts")]
    for path in paths:
        candidate = shutil.which("ruff", path=path)
        if candidate is not None and Path(candidate).read_bytes()[:2] != b"#!":
            return Path(candidate)
    home = folder / f"ruff-{corpora.ruff_version()}"
    installed = home / "bin" / "ruff"
    if not installed.is_file():
        venv.create(home, with_pip=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, f"ruff=={corpora.ruff_version()}"], check=True)
    return installed


def summary(costs: list[Cost], pick: Callable[[Cost], float]) -> float:
    """The median of one figure."""
    return statistics.median(map(pick, costs))


def spread(ours: list[Cost], theirs: list[Cost], pick: Callable[[Cost], float]) -> dict[str, float]:
    """The ratio ours/ruff, pair by pair."""
    ratios = [pick(a) / pick(b) for a, b in zip(ours, theirs, strict=True)]
    return {"min": min(ratios), "median": statistics.median(ratios), "max": max(ratios)}


def files_of_ruff(ruff: Path, trees: list[Path]) -> int:
    """How many Python files ruff looks at: the comparison is only fair if they are all."""
    command = [str(ruff), "check", "--isolated", "--show-files", *map(str, trees)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sum(line.endswith((".py", ".pyi")) for line in listed.splitlines())


def bench_group(
    group: str, program: Path, ruff: Path, options: argparse.Namespace
) -> dict[str, Any]:
    """Run both in turn on one group."""
    trees = corpora.trees(corpora.tagged(group), options.dir)
    sizes = [corpora.size(tree) for tree in trees]
    files, length = sum(size[0] for size in sizes), sum(size[1] for size in sizes)
    seen = files_of_ruff(ruff, trees)
    if seen != files:
        print(f"warning: {group}: {files} files, but ruff looks at {seen}", file=sys.stderr)
    targets = [str(tree) for tree in trees]
    our_command = [str(program), "check", "--no-cache", *targets]
    ruff_command = [str(ruff), *RUFF, *targets]
    # Pair 0 is the warm-up. Exit code 2 comes with files that cannot be read.
    pairs = [
        (
            measure(our_command, options.threads, {0, 1, 2}),
            measure(ruff_command, options.threads, {0}),
        )
        for _ in range(options.runs + 1)
    ][1:]
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return {
        "group": group,
        "projects": [tree.name for tree in trees],
        "files": files,
        "mb": length / 1e6,
        "asynclint": [asdict(cost) for cost in ours],
        "ruff": [asdict(cost) for cost in theirs],
        "median": {"asynclint": medians(ours), "ruff": medians(theirs)},
        "cpu_ratio": spread(ours, theirs, lambda cost: cost.cpu),
        "wall_ratio": spread(ours, theirs, lambda cost: cost.wall),
        "rss_ratio": spread(ours, theirs, lambda cost: cost.peak_rss_mb),
        "wall_per_cpu": statistics.median(cost.wall / cost.cpu for cost in ours),
    }


def medians(costs: list[Cost]) -> dict[str, float]:
    """The median of each figure."""
    return {
        "cpu": summary(costs, lambda cost: cost.cpu),
        "wall": summary(costs, lambda cost: cost.wall),
        "peak_rss_mb": summary(costs, lambda cost: cost.peak_rss_mb),
    }


def check_findings(program: Path, tree: Path, threads: int | None) -> int:
    """The number of findings on a tree: a linter that fails at once would be fast for nothing."""
    run = linter.run_or_exit(program, tree, threads)
    if run.exit_code == 2:
        print(f"warning: exit code 2 on {tree.name}: {run.stderr.strip()[:500]}", file=sys.stderr)
    return len(run.findings)


def print_group(figures: dict[str, Any]) -> None:
    """Print one group for people."""
    print(f"\n{figures['group']}: {', '.join(figures['projects'])}")
    print(f"  {figures['files']} files, {figures['mb']:.1f} MB, {figures['findings']} findings")
    for tool in ("asynclint", "ruff"):
        cost = figures["median"][tool]
        print(
            f"  {tool:<10} cpu {cost['cpu']:7.3f} s  wall {cost['wall']:7.3f} s"
            f"  peak rss {cost['peak_rss_mb']:7.1f} MB  (medians)"
        )
    for name in ("cpu", "wall", "rss"):
        ratio = figures[f"{name}_ratio"]
        print(
            f"  {name:<4} ours/ruff   min {ratio['min']:.3f}"
            f"  median {ratio['median']:.3f}  max {ratio['max']:.3f}"
        )
    print(f"  wall/cpu of ours {figures['wall_per_cpu']:.3f}")


def latency_file(folder: Path) -> Path:
    """The file of the async-heavy group with `async def` and a length closest to 500 lines."""

    def distance(path: Path) -> tuple[int, str]:
        data = path.read_bytes()
        apart = abs(data.count(b"\n") - LATENCY_LINES)
        return (apart if b"async def" in data else sys.maxsize, path.as_posix())

    trees = corpora.trees(corpora.tagged(GROUPS[0]), folder)
    return min((path for tree in trees for path in corpora.python_files(tree)), key=distance)


def bench_latency(program: Path, ruff: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The wall time of one file, alone in its folder so that nobody reads its neighbours."""
    source = latency_file(options.dir)
    with tempfile.TemporaryDirectory(prefix="asynclint-bench-") as folder:
        file = Path(folder, source.name)
        shutil.copyfile(source, file)
        our_command = [str(program), "check", "--no-cache", str(file)]
        ruff_command = [str(ruff), *RUFF, str(file)]
        pairs = [
            (
                measure(our_command, options.threads, {0, 1}),
                measure(ruff_command, options.threads, {0}),
            )
            for _ in range(LATENCY_RUNS + 1)
        ][1:]
    return {
        "file": source.relative_to(options.dir).as_posix(),
        "lines": source.read_bytes().count(b"\n"),
        "runs": LATENCY_RUNS,
        "asynclint_ms": statistics.median(ours.wall for ours, _ in pairs) * 1e3,
        "ruff_ms": statistics.median(theirs.wall for _, theirs in pairs) * 1e3,
    }


def bench_warm(program: Path, ruff: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Both with their caches on a copy of one project of which nothing has changed, and two files
    of it as an editor hands them over: one of middle size, and the largest."""
    (project,) = corpora.trees(corpora.named([options.warm]), options.dir)
    with tempfile.TemporaryDirectory(prefix="asynclint-bench-") as folder:
        tree = Path(folder, project.name)
        shutil.copytree(project, tree)
        # Else the cache would lie in the working directory.
        Path(tree, "pyproject.toml").touch()
        # A file that has just changed is not trusted to be the same by its time alone.
        time.sleep(3)
        files = sorted(corpora.python_files(tree), key=lambda path: path.stat().st_size)
        stdin = {"one file": files[len(files) // 2], "largest file": files[-1]}
        commands = {
            "asynclint": [str(program), "check", "-q", str(tree)],
            "no cache": [str(program), "check", "-q", "--no-cache", str(tree)],
            **{f"ruff {name}": [str(ruff), *rules, str(tree)] for name, rules in RUFF_WARM.items()},
            **{
                name: [str(program), "check", "-q", "--stdin-filename", str(path)]
                for name, path in stdin.items()
            },
        }
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(options.runs + 1):
            for name, command in commands.items():
                cost = measure(command, options.threads, {0, 1, 2}, stdin.get(name))
                costs[name].append(cost)
    return {name: medians(own[1:]) for name, own in costs.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "-n", "--runs", type=int, default=5, help="pairs of runs (default: %(default)s)"
    )
    parser.add_argument("--group", action="append", choices=GROUPS, help="default: all; repeatable")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--warm", metavar="PROJECT", help="measure caches on one project, and nothing else"
    )
    corpora.add_dir_argument(parser)
    linter.add_arguments(parser)
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("at least one run is needed")
    program, ruff = linter.binary(options), find_ruff(options.dir)
    if options.warm is not None:
        for name, cost in bench_warm(program, ruff, options).items():
            print(f"{name:<14} cpu {cost['cpu']:7.3f} s  wall {cost['wall']:7.3f} s  (medians)")
        return
    version = subprocess.run([ruff, "--version"], capture_output=True, text=True, check=True)
    figures: dict[str, Any] = {
        "ruff": version.stdout.strip(),
        "ruff_arguments": RUFF,
        "cpus": os.cpu_count(),
        "threads": options.threads,
        "runs": options.runs,
        "groups": [],
    }
    if not options.json:
        threads = options.threads or "as many as they like"
        print(f"{figures['ruff']} ({ruff}), {figures['cpus']} CPUs, threads: {threads}")
    for group in options.group or GROUPS:
        findings = sum(
            check_findings(program, tree, options.threads)
            for tree in corpora.trees(corpora.tagged(group), options.dir)
        )
        measured = bench_group(group, program, ruff, options) | {"findings": findings}
        figures["groups"].append(measured)
        if not options.json:
            print_group(measured)
    latency = figures["latency"] = bench_latency(program, ruff, options)
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        print(f"\none file: {latency['file']}, {latency['lines']} lines, {LATENCY_RUNS} runs")
        print(f"  asynclint {latency['asynclint_ms']:.1f} ms  ruff {latency['ruff_ms']:.1f} ms")


if __name__ == "__main__":
    main()
