"""Types into an interactive shell, as somebody at a terminal does, and shows what the shell ran.

    tab.py PROGRAM ARG... < input

The first line of the input is typed at once; each further one is typed and ended by tab and return
when the one before has run. The lines are to make the shell print `ran<...>`, and what stands in
the brackets is printed here, a line each.
"""

import os
import pty
import re
import select
import sys
import time

PATIENCE = 60  # Seconds until a shell counts as stuck.


def main():
    setup, *lines = sys.stdin.read().splitlines()
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    seen = b""
    write(terminal, setup + "\r")
    for number, line in enumerate(["probe ready", *lines]):
        end = "\r" if number == 0 else "\t\r"
        write(terminal, line + end)
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.findall(rb"ran<([^<>%]*)>", seen)
            if len(found) > number:
                break
            if time.monotonic() > deadline or not (more := read(terminal)):
                sys.exit(f"{line!r} was not run; the shell showed:\n{seen.decode(errors='replace')}")
            seen += more
            # What a shell may ask its terminal for: where the cursor is, and what kind it is.
            if b"\x1b[6n" in more:
                write(terminal, "\x1b[1;1R")
            if b"\x1b[c" in more or b"\x1b[0c" in more:
                write(terminal, "\x1b[?62;c")
        if number:
            print(found[number].decode())
    os.close(terminal)


def write(terminal, text):
    os.write(terminal, text.encode())


def read(terminal):
    """What the shell shows next; nothing if it is gone, a blank if it is silent for a second."""
    ready, _, _ = select.select([terminal], [], [], 1)
    if not ready:
        return b" "
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


main()
