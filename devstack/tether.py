"""Become another program that ends when its parent ends, even if the parent was killed.

`python tether.py PARENT_PID COMMAND ARGUMENT…` asks the kernel for SIGTERM on the parent's death and then
replaces itself by the command. Linux only; elsewhere it only replaces itself. It imports little, since it
starts every child.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel knew of our wish
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606  # becoming the command is the purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
