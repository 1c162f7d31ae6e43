#!/usr/bin/env python3
"""Plant bugs in copies of real code and report what share of them the linter finds."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import corpora
import linter
from draw import ranked
from mutations import EXPECTED, Edit, Site, Unsuitable, apply, compiles, sites

# What a linter may read to understand a project; the rest of a wheel is left behind.
COPIED = frozenset({".cfg", ".ini", ".py", ".pyi", ".toml"})


@dataclass
class Result:
    """What became of the planted sites."""

    found: list[Site] = field(default_factory=list)
    missed: list[tuple[Site, list[str]]] = field(default_factory=list)
    reported_before: list[Site] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def collect(project: str, tree: Path) -> tuple[list[Site], int]:
    """All sites of a project, and the number of its files that could not be read."""
    found: list[Site] = []
    skipped = 0
    for path in corpora.python_files(tree):
        data = path.read_bytes()
        if path.suffix != ".py" or (b"await" not in data and b"asyncio" not in data):
            continue
        try:
            found.extend(sites(data, project, path.relative_to(tree)))
        except Unsuitable:
            skipped += 1
    return found, skipped


def choose(candidates: list[Site], trees: dict[str, Path], count: int, seed: int) -> list[Site]:
    """At most `count` sites of each mutation, at most one in a function."""
    by_mutation: dict[str, list[Site]] = {mutation: [] for mutation in EXPECTED}
    for site in candidates:
        by_mutation[site.mutation].append(site)
    chosen: list[Site] = []
    taken: set[tuple[str, str, int]] = set()
    # The rarest first: where code is scarce the common ones would use up all functions.
    for mutation, possible in sorted(by_mutation.items(), key=lambda item: len(item[1])):
        planted = 0
        for site in ranked(possible, lambda site: site.identity, f"{seed}:{mutation}"):
            if planted == count:
                break
            function = (site.project, site.path, site.function)
            if function in taken:
                continue
            original = (trees[site.project] / site.path).read_bytes()
            if not compiles(apply(original, set(site.edits))):
                continue
            taken.add(function)
            chosen.append(site)
            planted += 1
    return chosen


def copy(tree: Path, target: Path) -> None:
    """Copy what a linter reads of a project."""
    for path in sorted(tree.rglob("*")):
        if path.suffix in COPIED and path.is_file():
            copied = target / path.relative_to(tree)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def plant(copied: Path, planted: Iterable[Site]) -> None:
    """Make the edits in the copy."""
    by_path: dict[str, set[Edit]] = defaultdict(set)
    for site in planted:
        by_path[site.path].update(site.edits)
    for path, edits in by_path.items():
        file = copied / path
        file.write_bytes(apply(file.read_bytes(), edits))


def judge(
    project: str, planted: list[Site], before: linter.Run, after: linter.Run, result: Result
) -> None:
    """Compare the runs on the untouched and on the mutated copy."""
    old = Counter(finding.key for finding in before.findings)
    new = Counter(finding.key for finding in after.findings) - old
    places: dict[tuple[str, int], list[str]] = defaultdict(list)
    for path, row, lint in new:
        places[path, row].append(lint)
    for site in planted:
        if (site.path, site.line, site.lint) in old:
            result.reported_before.append(site)
        elif site.lint in places[site.path, site.line]:
            result.found.append(site)
        else:
            result.missed.append((site, sorted(places[site.path, site.line])))
    expected = {(site.path, site.line) for site in planted}
    for finding in after.findings:
        if finding.key in new and (finding.path, finding.row) not in expected:
            place = f"{project}/{finding.path}:{finding.row}:{finding.column}"
            result.elsewhere.append(f"{place}: {finding.level}[{finding.lint}]: {finding.message}")


def share(found: int, planted: int) -> str:
    """`found` of `planted`, with the percentage."""
    return f"{found}/{planted} {100 * found / planted:5.1f}%" if planted else "-"


def table(result: Result) -> None:
    """Print the shares by lint."""
    header = ("mutation", "expected lint", "all", "visible", "other")
    print("{:<15} {:<23} {:>15} {:>15} {:>15}".format(*header))
    for mutation, lint in sorted(EXPECTED.items(), key=lambda item: item[1]):
        found = Counter(site.visible for site in result.found if site.mutation == mutation)
        missed = Counter(site.visible for site, _ in result.missed if site.mutation == mutation)
        cells = [share(found.total(), found.total() + missed.total())]
        for visible in (True, False):
            # Only a forgotten await depends on knowing what is called.
            known = mutation == "drop-await"
            planted = found[visible] + missed[visible]
            cells.append(share(found[visible], planted) if known else "")
        print("{:<15} {:<23} {:>15} {:>15} {:>15}".format(mutation, lint, *cells).rstrip())


def print_misses(result: Result, trees: dict[str, Path], limit: int, seed: int) -> None:
    """Print missed sites, `limit` of each mutation from all projects, with the source line."""
    mixed = ranked(result.missed, lambda item: item[0].identity, str(seed))
    for mutation in EXPECTED:
        missed = [(site, instead) for site, instead in mixed if site.mutation == mutation]
        if not missed:
            continue
        print(f"\n{mutation}: {len(missed)} missed, {min(limit, len(missed))} shown")
        for site, instead in missed[:limit]:
            lines = (trees[site.project] / site.path).read_bytes().split(b"\n")
            note = "visible" if site.visible else "other"
            note = f" [{note}]" if mutation == "drop-await" else ""
            note += f" [reported: {', '.join(instead)}]" if instead else ""
            print(f"{site.project}/{site.path}:{site.line}{note}")
            print(f"    {lines[site.line - 1].decode(errors='replace').strip()}")


def main() -> None:
    """Plant, run, compare, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--count", type=int, default=200, help="sites of each mutation (default: %(default)s)"
    )
    parser.add_argument("--projects", nargs="+", metavar="NAME", help="default: all projects")
    parser.add_argument(
        "--misses", type=int, default=0, metavar="N", help="print N missed sites of each mutation"
    )
    corpora.add_dir_argument(parser)
    linter.add_arguments(parser)
    options = parser.parse_args()
    program = linter.binary(options)
    rows = corpora.named(options.projects) if options.projects else corpora.tagged("project")
    unpacked = corpora.trees(rows, options.dir)
    trees = {row.stem: tree for row, tree in zip(rows, unpacked, strict=True)}

    version = ".".join(map(str, sys.version_info[:2]))
    candidates: list[Site] = []
    for project, tree in trees.items():
        found, skipped = collect(project, tree)
        candidates.extend(found)
        if skipped:
            print(f"note: {project}: {skipped} files left out, Python {version} cannot read them")
    chosen = choose(candidates, trees, options.count, options.seed)

    result = Result()
    for project, tree in trees.items():
        planted = [site for site in chosen if site.project == project]
        if not planted:
            continue
        with tempfile.TemporaryDirectory(prefix="asynclint-plant-") as folder:
            copied = Path(folder, project)
            copy(tree, copied)
            before = linter.run_or_exit(program, copied, options.threads)
            plant(copied, planted)
            after = linter.run_or_exit(program, copied, options.threads)
        judge(project, planted, before, after, result)

    print(f"{len(candidates)} sites in {len(trees)} projects, seed {options.seed}\n")
    table(result)
    if result.reported_before:
        print(f"\n{len(result.reported_before)} drawn sites were reported before and do not count")
    print(f"\nnew findings elsewhere: {len(result.elsewhere)}")
    for line in result.elsewhere:
        print(f"    {line}")
    if options.misses > 0:
        print_misses(result, trees, options.misses, options.seed)


if __name__ == "__main__":
    main()
