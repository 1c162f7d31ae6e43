#!/usr/bin/env python3
"""Count the findings on real code, and draw samples of them to be judged by reading.

The output is Markdown for docs/real-world.md. It holds no verdicts: those are written down by
whoever reads the code.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import corpora
import linter
from draw import ranked


@dataclass(frozen=True)
class Drawn:
    """A finding with the project it was made in."""

    project: corpora.Corpus
    tree: Path
    finding: linter.Finding

    @property
    def identity(self) -> str:
        """For the seeded draw; the release is part of it, so that lines fit."""
        found = self.finding
        return f"{self.project.stem}/{found.path}:{found.row}:{found.column}"


def in_order(drawn: Drawn) -> tuple[str, linter.Finding]:
    """The order of the printed sample: by project and place."""
    return (drawn.project.name, drawn.finding)


def print_counts(findings: list[Drawn]) -> None:
    """Print the findings by lint and project, the most frequent first."""
    levels = {drawn.finding.lint: drawn.finding.level for drawn in findings}
    totals = Counter(drawn.finding.lint for drawn in findings)
    print("| lint | level | findings | by project |")
    print("|---|---|---|---|")
    for lint, total in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        projects = Counter(drawn.project.name for drawn in findings if drawn.finding.lint == lint)
        parts = sorted(projects.items(), key=lambda item: (-item[1], item[0]))
        listed = ", ".join(f"{name} {count}" for name, count in parts)
        print(f"| `{lint}` | {levels[lint]} | {total} | {listed} |")


def print_drawn(number: int, drawn: Drawn, context: int) -> None:
    """Print one finding with the lines around it, the one in question marked."""
    found = drawn.finding
    place = f"{found.path}:{found.row}@{drawn.project.version}"
    print(f"{number}. {drawn.project.name} `{place}`: {found.message}\n")
    text = (drawn.tree / found.path).read_text(encoding="utf-8", errors="replace")
    # Not splitlines: form feeds and the like end no line in Python.
    lines = text.split("\n")
    first = max(1, found.row - context)
    for row in range(first, min(len(lines), found.row + context) + 1):
        mark = ">" if row == found.row else " "
        print(f"       {mark} {row:5} {lines[row - 1]}".rstrip())
    print()


def sample(findings: list[Drawn], lint: str, options: argparse.Namespace) -> None:
    """Draw and print the sample of one lint, or the second reader's part of it."""
    possible = [drawn for drawn in findings if drawn.finding.lint == lint]
    if not possible:
        print(f"\n### `{lint}`: no findings")
        return
    ordered = ranked(possible, lambda drawn: drawn.identity, f"{options.seed}:{lint}")
    chosen = ordered[: options.size]
    title = f"### `{lint}`: {len(chosen)} of {len(possible)}, seed {options.seed}"
    if options.second_reader:
        part = ranked(chosen, lambda drawn: drawn.identity, f"{options.seed}:{lint}:second")
        title += f", second reader: {math.ceil(len(chosen) / 3)} of {len(chosen)}"
        chosen = part[: math.ceil(len(chosen) / 3)]
    print(f"\n{title}\n")
    for number, drawn in enumerate(sorted(chosen, key=in_order), 1):
        print_drawn(number, drawn, options.context)


def main() -> None:
    """Run over the projects, count, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lint", action="append", default=[], help="draw a sample; repeatable")
    parser.add_argument(
        "--size", type=int, default=25, help="findings in a sample (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--context", type=int, default=3, help="lines around a finding (default: %(default)s)"
    )
    parser.add_argument(
        "--second-reader",
        action="store_true",
        help="only a third of the sample, for a reader who has not seen the verdicts",
    )
    parser.add_argument("--projects", nargs="+", metavar="NAME", help="default: all projects")
    parser.add_argument(
        "--target-version",
        metavar="VERSION",
        help="passed on to the linter: some lints look only at code for newer Pythons",
    )
    corpora.add_dir_argument(parser)
    linter.add_arguments(parser)
    options = parser.parse_args()
    program = linter.binary(options)
    rows = corpora.named(options.projects) if options.projects else corpora.tagged("project")
    findings: list[Drawn] = []
    for row, tree in zip(rows, corpora.trees(rows, options.dir), strict=True):
        run = linter.run_or_exit(program, tree, options.threads, options.target_version)
        findings.extend(Drawn(row, tree, found) for found in run.findings)
        print(f"{row.name}: {len(run.findings)} in {run.seconds:.1f} s", file=sys.stderr)
    if not options.lint:
        print_counts(findings)
    for lint in options.lint:
        sample(findings, lint, options)


if __name__ == "__main__":
    main()
