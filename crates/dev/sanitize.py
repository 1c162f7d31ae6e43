#!/usr/bin/env python3
"""Check files, and as many one-edit variants of others, with the address sanitizer in the C parts.

The parser's C is compiled with it by gcc or clang; no nightly compiler is needed. Its allocator
takes the place of that of the whole program, so that what C does to memory of Rust shows as well.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import draw
import linter

TARGET = "x86_64-unknown-linux-gnu"

# Files of one run, which is one project.
BATCH = 250

# An exit code that the linter does not have.
REPORTED = 99

LARGEST = 200_000


def build() -> Path:
    """The linter with the sanitizer, in a target folder of its own."""
    flags = "-fsanitize=address -fno-omit-frame-pointer -g1"
    name = TARGET.upper().replace("-", "_")
    folder = linter.REPOSITORY / "target" / "sanitized"
    variables = {
        **os.environ,
        f"CFLAGS_{TARGET.replace('-', '_')}": flags,
        f"CARGO_TARGET_{name}_RUSTFLAGS": "-C link-arg=-fsanitize=address",
    }
    command = ["cargo", "build", "--release", "-p", "asynclint", "--target", TARGET]
    command += ["--target-dir", str(folder)]
    subprocess.run(command, cwd=linter.REPOSITORY, env=variables, check=True)
    return folder / TARGET / "release" / "asynclint"


def environment() -> dict[str, str]:
    """That of a run."""
    options = f"exitcode={REPORTED}:detect_leaks=1:halt_on_error=1"
    return {**linter.environment(None), "ASAN_OPTIONS": options}


def is_sanitized(program: Path) -> bool:
    """Whether the sanitizer is in the program: it lists its options, then."""
    variables = {**environment(), "ASAN_OPTIONS": "help=1"}
    done = subprocess.run([program, "version"], env=variables, capture_output=True)
    return b"flags for AddressSanitizer" in done.stdout + done.stderr


def mutant(text: bytes, chance: random.Random) -> bytes:
    """One edit: something lost, doubled, cut off or put in, whatever that makes of the text."""
    at = chance.randrange(len(text))
    end = at + chance.choice([1, 1, 1, 8, 64])
    return chance.choice(
        [
            text[:at] + text[end:],
            text[:end] + text[at:],
            text[:at],
            text[:at] + chance.choice([b"(", b'"""', b"\\\n", b"\t", b"{", b"f'{", b"\xff"]) + text[at:],
        ]
    )


def trouble(program: Path, folder: Path, timeout: float) -> str | None:
    """What is wrong with a run over the folder."""
    command = [program, "check", "--no-cache", "--isolated", "--select", "ALL", "-q", "."]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment(), capture_output=True, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {timeout:.0f} s"
    said = done.stderr.decode(errors="replace")
    if done.returncode not in {0, 1, 2} or "Sanitizer" in said or "panicked" in said:
        return f"exit code {done.returncode}\n{said[-4000:]}"
    return None


def main() -> None:
    """Run, report, exit with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="where files are")
    parser.add_argument("--binary", type=Path, help="a sanitized build (default: one is made)")
    parser.add_argument("--files", type=int, default=3000, help="whole files, at most")
    parser.add_argument("--mutants", type=int, default=3000, help="variants of files")
    parser.add_argument("--seed", type=int, default=1, help="of the draw and of the edits")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for one run")
    options = parser.parse_args()
    program = (options.binary or build()).resolve()
    if not is_sanitized(program):
        sys.exit(f"error: {program} has no address sanitizer")
    paths = [path for folder in options.folders for path in folder.rglob("*.py") if path.is_file()]
    paths = [path for path in paths if 0 < path.stat().st_size < LARGEST]
    drawn = draw.ranked(paths, str, str(options.seed))
    if not drawn:
        sys.exit("error: no Python files in these folders")
    chance = random.Random(options.seed)
    texts = [(path.name, path.read_bytes()) for path in drawn[: options.files]]
    whole = len(texts)
    for number in range(options.mutants):
        path = drawn[number % len(drawn)]
        texts.append((path.name, mutant(path.read_bytes(), chance)))
    wrong = 0
    for start in range(0, len(texts), BATCH):
        with tempfile.TemporaryDirectory() as folder:
            for number, (name, text) in enumerate(texts[start : start + BATCH]):
                (Path(folder) / f"m{number}_{name}").write_bytes(text)
            found = trouble(program, Path(folder), options.timeout)
        done = min(start + BATCH, len(texts))
        print(f"{done} of {len(texts)}: {found or 'nothing'}", flush=True)
        wrong += found is not None
    print(f"{whole} files and {len(texts) - whole} mutants; runs with a report: {wrong}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
