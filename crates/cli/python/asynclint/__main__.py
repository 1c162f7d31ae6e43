"""`python -m asynclint`: the binary in place of this interpreter."""

import os
import subprocess
import sys

from ._find import find_binary


def main():
    command = [find_binary(), *sys.argv[1:]]
    if sys.platform != "win32":
        # The binary takes over the process, and with it signals and the exit code.
        os.execv(command[0], command)
    try:
        sys.exit(subprocess.call(command))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
