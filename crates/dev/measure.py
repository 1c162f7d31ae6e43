"""Run one command on our own input, its output thrown away, and print what it took (for bench.py, Unix only).

A process of its own with few imports: the kernel counts the memory of the process that starts a
command into the command's peak, and bench.py is larger than a linter may be.
Prints the exit code, CPU seconds, wall seconds and peak resident bytes.
"""

from __future__ import annotations

import os
import sys
import time


def main(command: list[str]) -> None:
    """Run and print."""
    silence = [
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    # Kilobytes, except on macOS, where it is bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, wall, peak)


if __name__ == "__main__":
    main(sys.argv[1:])
