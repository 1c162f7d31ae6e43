"""Runs other tools over the examples of docs/comparison.md, and writes its table anew.

    python3 crates/dev/compare.py --venv DIR --asynclint target/release/asynclint

The tools are installed into the virtual environment DIR, which is made if it is not there.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/comparison.md"
TOOLS = [
    "ruff==0.17.6",
    "flake8-async==26.8.1",
    "mypy==2.4.1",
    "pyright==1.1.414",
    "pylint==4.1.4",
]
# What the examples import.
LIBRARIES = ["requests", "types-requests", "psycopg", "trio"]
EXAMPLE = re.compile(r"^### (.+)\n\n```python\n((?:.*\n)*?)```", re.MULTILINE)
ROW = "| [{}](#{}) | {} |\n"
HEAD = "| example | asynclint | ruff | flake8-async | mypy | pyright | pylint |\n" + "|---" * 7 + "|\n"
# Not what the examples are about.
BESIDE = {"ASYNC124", "RUF029", "no-untyped-def", "no-untyped-call", "unused-import"}


def output(*command, cwd):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode()


def codes(pattern, text):
    """What the first group of `pattern` finds, each once, without what is beside the point."""
    found = dict.fromkeys(re.findall(pattern, text, re.MULTILINE))
    return ", ".join(f"`{code}`" for code in found if code not in BESIDE) or "-"


def row(folder, bin_, asynclint):
    """What each tool says about app.py in `folder`."""
    ours = ["--isolated", "--target-version", "3.11", "-q", "--output-format", "concise"]
    ruff = ["--isolated", "-q", "--no-cache", "--preview", "--target-version", "py311"]
    ruff += ["--output-format", "json", "--select", "ASYNC,RUF006,RUF029,B023,PLE"]
    # What it runs by default, and the first of the rules about checkpoints, where they matter.
    trio = "import trio" in (folder / "app.py").read_text()
    flake8 = ["--enable", "ASYNC910"] if trio else ["--asyncio"]
    mypy = ["--strict", "--enable-error-code", "truthy-bool"]
    mypy += ["--enable-error-code", "unused-awaitable", "--no-incremental"]
    mypy += ["--python-version", "3.11", "--python-executable", bin_ / "python"]
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    pyright = ["--pythonpath", bin_ / "python", "--pythonversion", "3.11", "app.py"]
    pylint = ["--score=n", "--disable=C,R,unused-argument,global-statement", "app.py"]
    pyright_beside = r"\((report(?!Unknown|Missing|Unused[IF])\w+)\)"
    return [
        codes(r"\[([a-z-]+)\]", output(asynclint, "check", *ours, "app.py", cwd=folder)),
        codes(r'"code": "([A-Z0-9]+)"', output(bin_ / "ruff", "check", *ruff, "app.py", cwd=folder)),
        codes(r"\b(ASYNC\d+)", output(bin_ / "flake8-async", *flake8, "app.py", cwd=folder)),
        codes(r"\[([a-z-]+)\]$", output(bin_ / "mypy", *mypy, "app.py", cwd=folder)),
        codes(pyright_beside, output(bin_ / "pyright", *pyright, cwd=folder)),
        codes(r"\(([a-z-]+)\)$", output(bin_ / "pylint", *pylint, cwd=folder)),
    ]


def main():
    parser = argparse.ArgumentParser(description="Compare with other tools.")
    parser.add_argument("--venv", required=True, type=Path)
    parser.add_argument("--asynclint", required=True, type=Path)
    arguments = parser.parse_args()
    bin_ = arguments.venv.resolve() / "bin"
    if not bin_.is_dir():
        venv.create(arguments.venv, with_pip=True)
    install = [bin_ / "python", "-m", "pip", "install", "-q", *TOOLS, *LIBRARIES]
    subprocess.run(install, check=True)
    page = PAGE.read_text()
    table = HEAD
    for title, example in EXAMPLE.findall(page):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "app.py").write_text(example)
            cells = row(Path(folder), bin_, arguments.asynclint.resolve())
        anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        table += ROW.format(title, anchor, " | ".join(cells))
        print(title, *cells, sep=" | ", file=sys.stderr)
    before, after = page.split("| example |", 1)
    rest = after.split("\n\n", 1)[1]
    PAGE.write_text(f"{before}{table}\n{rest}")


if __name__ == "__main__":
    main()
