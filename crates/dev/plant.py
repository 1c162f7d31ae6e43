#!/usr/bin/env python3
"""Plant bugs in copies of real code and report what share of them the linter finds."""

from __future__ import annotations

import argparse
import re
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
from mutations import GROUPS, MUTATIONS, Edit, Site, Unsuitable, apply, compiles, sites

# What a linter may read to understand a project; the rest of a wheel is left behind.
COPIED = frozenset({".cfg", ".ini", ".py", ".pyi", ".toml"})


@dataclass
class Result:
    """What became of the planted sites."""

    # The lint that found each.
    found: list[tuple[Site, str]] = field(default_factory=list)
    # What was reported in its place.
    missed: list[tuple[Site, list[str]]] = field(default_factory=list)
    reported_before: list[Site] = field(default_factory=list)
    # New findings on other lines that a planted bug explains, and those that none does.
    consequences: Counter[str] = field(default_factory=Counter)
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


def rounds(candidates: list[Site]) -> list[list[Site]]:
    """The candidates in two parts, each of which is planted in a copy of its own.

    Where a function is made another thing, calls of it elsewhere mean something else: a bug that
    was planted there would be another bug.
    """
    inside = [site for site in candidates if site.changes is None]
    changes = [site for site in candidates if site.changes is not None]
    return [inside, changes]


def choose(candidates: list[Site], trees: dict[str, Path], count: int, seed: int) -> list[Site]:
    """At most `count` sites of each kind, at most one in a function."""
    by_kind: dict[tuple[str, tuple[str, ...]], list[Site]] = defaultdict(list)
    for site in candidates:
        by_kind[site.kind].append(site)
    chosen: list[Site] = []
    taken: set[tuple[str, str, int]] = set()
    # The rarest first: where code is scarce the common ones would use up all functions.
    for kind, possible in sorted(by_kind.items(), key=lambda item: (len(item[1]), item[0])):
        planted = 0
        for site in ranked(possible, lambda site: site.identity, f"{seed}:{kind[0]}"):
            if planted == count:
                break
            functions = {(site.project, site.path, function) for function in site.functions}
            if functions & taken:
                continue
            original = (trees[site.project] / site.path).read_bytes()
            mutant = apply(original, set(site.edits))
            if compiles(mutant) == MUTATIONS[site.mutation].breaks:
                continue
            taken |= functions
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


def plant(copied: Path, planted: Iterable[Site]) -> dict[Path, bytes]:
    """Make the edits in the copy; gives what the edited files were before."""
    by_path: dict[str, set[Edit]] = defaultdict(set)
    for site in planted:
        by_path[site.path].update(site.edits)
    originals = {copied / path: (copied / path).read_bytes() for path in by_path}
    for path, edits in by_path.items():
        (copied / path).write_bytes(apply(originals[copied / path], edits))
    return originals


def judge(
    copied: Path, planted: list[Site], before: linter.Run, after: linter.Run, result: Result
) -> None:
    """Compare the runs on the untouched copy, which is there again, and on the mutated one."""
    old = Counter(finding.key for finding in before.findings)
    new = Counter(finding.key for finding in after.findings) - old
    places: dict[tuple[str, int], list[str]] = defaultdict(list)
    for path, row, lint in new:
        places[path, row].append(lint)
    for site in planted:
        reported = places[site.path, site.line]
        by = [lint for lint in site.lints if lint in reported]
        if by:
            result.found.append((site, by[0]))
        elif any((site.path, site.line, lint) in old for lint in site.lints):
            result.reported_before.append(site)
        else:
            result.missed.append((site, sorted(reported)))
    expected = {(site.path, site.line) for site in planted}
    for finding in after.findings:
        if finding.key not in new or (finding.path, finding.row) in expected:
            continue
        line = untouched(copied / finding.path, finding.row)
        if any(follows(finding, site, line) for site in planted):
            result.consequences[finding.lint] += 1
            continue
        place = f"{copied.name}/{finding.path}:{finding.row}:{finding.column}"
        result.elsewhere.append(f"{place}: {finding.level}[{finding.lint}]: {finding.message}")


def untouched(path: Path, row: int) -> str:
    """A line of a file."""
    return path.read_bytes().split(b"\n")[row - 1].decode(errors="replace")


def follows(finding: linter.Finding, site: Site, line: str) -> bool:
    """Whether a finding on another line is right because of a planted bug."""
    inside = finding.path == site.path and site.span[0] <= finding.row <= site.span[1]
    if site.changes is not None:
        # What it does, and what its callers do with it, was right for what it was.
        pattern = rf"\b{re.escape(site.changes)}\b"
        return inside or re.search(pattern, line) is not None
    return inside and finding.lint in MUTATIONS[site.mutation].brings


def share(found: int, planted: int) -> str:
    """`found` of `planted`, with the percentage."""
    return f"{found} of {planted} ({100 * found / planted:.0f} %)" if planted else ""


def table(result: Result) -> None:
    """Print the shares by mutation, as a table in Markdown."""
    print("| mutation | what is planted | found by | found | visible | other |")
    print("|---|---|---|---|---|---|")
    for mutation in MUTATIONS.values():
        sites = [site for site, _ in [*result.found, *result.missed]]
        kinds = {site.lints for site in sites if site.mutation == mutation.name}
        for lints in sorted(kinds):
            kind = (mutation.name, lints)
            found = [(site, lint) for site, lint in result.found if site.kind == kind]
            missed = [site for site, _ in result.missed if site.kind == kind]
            cells = [share(len(found), len(found) + len(missed))]
            for visible in (True, False):
                hits = sum(site.visible is visible for site, _ in found)
                cells.append(share(hits, hits + sum(site.visible is visible for site in missed)))
            by = Counter(lint for _, lint in found).most_common()
            names = [f"`{lint}` {times}" if len(by) > 1 else f"`{lint}`" for lint, times in by]
            row = [f"`{mutation.name}`", mutation.summary, ", ".join(names) or "-", *cells]
            print("| " + " | ".join(row) + " |")


def print_misses(result: Result, trees: dict[str, Path], limit: int, seed: int) -> None:
    """Print missed sites, `limit` of each kind from all projects, with the source line."""
    mixed = ranked(result.missed, lambda item: item[0].identity, str(seed))
    for kind in sorted({site.kind for site, _ in mixed}):
        missed = [(site, instead) for site, instead in mixed if site.kind == kind]
        shown = min(limit, len(missed))
        print(f"\n{kind[0]}, {'/'.join(kind[1])}: {len(missed)} missed, {shown} shown")
        for site, instead in missed[:limit]:
            lines = (trees[site.project] / site.path).read_bytes().split(b"\n")
            note = {True: " [visible]", False: " [other]", None: ""}[site.visible]
            note += f" [reported: {', '.join(instead)}]" if instead else ""
            print(f"{site.project}/{site.path}:{site.line}{note}")
            print(f"    {lines[site.line - 1].decode(errors='replace').strip()}")


def print_list() -> None:
    """Print the mutations, by group."""
    for group in GROUPS:
        print(f"{group.__name__.rpartition('.')[2]}: {(group.__doc__ or '').strip()}")
        for mutation in MUTATIONS.values():
            if mutation.find.__module__ == group.__name__:
                print(f"    {mutation.name:<22} {mutation.summary}")


def main() -> None:
    """Plant, run, compare, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--count", type=int, default=200, help="sites of each kind (default: %(default)s)"
    )
    parser.add_argument("--projects", nargs="+", metavar="NAME", help="default: all projects")
    parser.add_argument(
        "--misses", type=int, default=0, metavar="N", help="print N missed sites of each kind"
    )
    parser.add_argument(
        "--mutations", nargs="+", metavar="NAME", choices=sorted(MUTATIONS), help="default: all"
    )
    parser.add_argument(
        "--python", type=Path, metavar="ENV", help="environment with the packages of the projects"
    )
    parser.add_argument("--list", action="store_true", help="print the mutations and end")
    corpora.add_dir_argument(parser)
    linter.add_arguments(parser)
    options = parser.parse_args()
    if options.list:
        print_list()
        return
    program = linter.binary(options)
    rows = corpora.named(options.projects) if options.projects else corpora.tagged("project")
    unpacked = corpora.trees(rows, options.dir)
    trees = {row.stem: tree for row, tree in zip(rows, unpacked, strict=True)}

    version = ".".join(map(str, sys.version_info[:2]))
    candidates: list[Site] = []
    for project, tree in trees.items():
        found, skipped = collect(project, tree)
        names = options.mutations or MUTATIONS
        candidates.extend(site for site in found if site.mutation in names)
        if skipped:
            print(f"note: {project}: {skipped} files left out, Python {version} cannot read them")
    chosen = [choose(part, trees, options.count, options.seed) for part in rounds(candidates)]

    result = Result()
    for project, tree in trees.items():
        parts = [[site for site in part if site.project == project] for part in chosen]
        if not any(parts):
            continue
        with tempfile.TemporaryDirectory(prefix="asynclint-plant-") as folder:
            copied = Path(folder, project)
            copy(tree, copied)
            before = linter.run_or_exit(program, copied, options.threads, python=options.python)
            for planted in filter(None, parts):
                originals = plant(copied, planted)
                after = linter.run_or_exit(
                    program, copied, options.threads, python=options.python
                )
                for path, data in originals.items():
                    path.write_bytes(data)
                judge(copied, planted, before, after, result)

    print(f"{len(candidates)} sites in {len(trees)} projects, seed {options.seed}\n")
    table(result)
    if result.reported_before:
        print(f"\n{len(result.reported_before)} drawn sites were reported before and do not count")
    followed = ", ".join(f"{lint} {times}" for lint, times in sorted(result.consequences.items()))
    if followed:
        print(f"\nnew findings elsewhere that follow from planted bugs: {followed}")
    print(f"\nnew findings elsewhere: {len(result.elsewhere)}")
    for line in result.elsewhere:
        print(f"    {line}")
    if options.misses > 0:
        print_misses(result, trees, options.misses, options.seed)


if __name__ == "__main__":
    main()
