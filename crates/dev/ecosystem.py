#!/usr/bin/env python3
"""Lint the pinned projects and show how the findings differ from the committed summary."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import corpora
import linter

SUMMARY = Path(__file__).with_name("ecosystem.json")

# Counts of findings by lint, and a digest of where they are and what they say.
Entry = dict[str, Any]


def entry(findings: list[linter.Finding]) -> Entry:
    """What is kept of the findings of one project: no line of its code."""
    counts = Counter(found.lint for found in findings)
    lints = {}
    for lint, count in sorted(counts.items()):
        digest = hashlib.sha256()
        for found in findings:
            if found.lint == lint:
                place = f"{found.path}:{found.row}:{found.column}: {found.level}: {found.message}\n"
                digest.update(place.encode())
        lints[lint] = {"count": count, "digest": digest.hexdigest()[:16]}
    return lints


def differences(project: str, old: Entry, new: Entry) -> list[str]:
    """One line for each lint whose findings are others than before."""
    lines = []
    for lint in sorted(old.keys() | new.keys()):
        before, after = old.get(lint), new.get(lint)
        if before == after:
            continue
        had, has = (item["count"] if item else 0 for item in (before, after))
        what = f"{had} -> {has}" if had != has else f"{has}, but not the same ones"
        lines.append(f"{project}: {lint}: {what}")
    return lines


def main() -> None:
    """Run, compare or write, exit with 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="corpora (default: all but cpython)")
    parser.add_argument("--update", action="store_true", help="write the summary anew")
    corpora.add_dir_argument(parser)
    linter.add_arguments(parser)
    options = parser.parse_args()
    program = linter.binary(options)
    rows = corpora.named(options.names) if options.names else corpora.tagged("project") + corpora.tagged("ecosystem")
    summary = json.loads(SUMMARY.read_text(encoding="utf-8")) if SUMMARY.exists() else {}
    changed: list[str] = []
    total = 0
    for row, tree in zip(rows, corpora.trees(rows, options.dir), strict=True):
        run = linter.run_or_exit(program, tree, options.threads)
        total += len(run.findings)
        new = entry(run.findings)
        changed += differences(row.stem, summary.get(row.stem, {}), new)
        if options.update:
            summary[row.stem] = new
    for line in changed:
        print(line)
    print(f"{len(rows)} projects, {total} findings, {len(changed)} differences to {SUMMARY.name}")
    if options.update:
        text = json.dumps(dict(sorted(summary.items())), indent=1) + "\n"
        SUMMARY.write_text(text, encoding="utf-8")
        return
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
