"""Run one command and say when it began, when it ended and how much memory it took at most.

A script of its own under ``python -I -S``: Linux counts the memory of whoever calls ``exec`` into
a child's peak, so that the caller must be smaller than what it measures. Standard output is one
JSON object; times are of the monotonic clock, which all processes share.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    output, *argv = sys.argv[1:]
    null = os.open(os.devnull, os.O_RDWR)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, file, 1)]
    began = time.monotonic()
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions)
    _, status, used = os.wait4(child, 0)
    ended = time.monotonic()
    print(
        f'{{"began": {began}, "ended": {ended}, "code": {os.waitstatus_to_exitcode(status)},'
        f' "peak_kb": {used.ru_maxrss}, "cpu_s": {used.ru_utime + used.ru_stime}}}'
    )


main()
