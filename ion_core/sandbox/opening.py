"""What bubblewrap is told while it starts: what to mount, the filter, and when to begin.

It takes a millisecond to get as far as its arguments, and some more to mount: what it needs is
found out during the one, and the number of processes limited during the other.
"""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Callable, Iterable
from contextlib import suppress

from ion_core.sandbox.feed import Feed

_CHILD = re.compile(rb'"child-pid":\s*(\d+)')
_SOME_BYTES = 4_096


class Opening:
    """``arrange`` says the arguments, when the child has been started. ``most_processes`` of the
    person in the child's namespace, 0 for no limit. Raises ``OSError``."""

    def __init__(
        self, arrange: Callable[[], Iterable[str]], code: bytes, most_processes: int = 0
    ) -> None:
        self._arrange, self._code, self._most = arrange, code, most_processes
        self._words, self._filter = Feed(), Feed()
        self._start = Feed() if most_processes else None
        self._told, self._telling = os.pipe() if most_processes else (-1, -1)

    @property
    def front(self) -> tuple[str, ...]:
        """What of the command line comes before the command."""
        words = ("--args", f"{self._words.descriptor}", "--seccomp", f"{self._filter.descriptor}")
        if self._start is None:
            return words
        return (*words, "--info-fd", f"{self._telling}", "--block-fd", f"{self._start.descriptor}")

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What the child is left."""
        left = (self._words.descriptor, self._filter.descriptor)
        return left if self._start is None else (*left, self._telling, self._start.descriptor)

    def release(self) -> None:
        """Let the child begin, after it was started. Once. Raises ``OSError`` where nothing may
        begin; :meth:`close` then lets it end without the command."""
        self._filter.release(self._code)
        self._words.release(b"".join(os.fsencode(word) + b"\0" for word in self._arrange()))
        if self._start is not None:
            self._limit()
            self._start.release(b".")

    def _limit(self) -> None:
        """The kernel counts processes by namespace and person: bubblewrap has made its namespace
        once it tells of its child, which waits before it starts the command."""
        os.close(self._telling)
        self._telling, said = -1, b""
        # To the end of what it tells: it would not survive that nobody listens.
        while b"}" not in said and (more := os.read(self._told, _SOME_BYTES)):
            said += more
        found = _CHILD.search(said)
        if found is not None:
            with suppress(ProcessLookupError):
                _set_limit(int(found[1]), self._most)

    def close(self) -> None:
        """Keep nothing open."""
        for feed in (self._words, self._filter, self._start):
            if feed is not None:
                feed.close()
        for descriptor in (self._told, self._telling):
            if descriptor >= 0:
                os.close(descriptor)
        self._told = self._telling = -1


def _set_limit(pid: int, most: int) -> None:
    now = resource.prlimit(pid, resource.RLIMIT_NPROC)
    soft, hard = (most if one == resource.RLIM_INFINITY else min(most, one) for one in now)
    resource.prlimit(pid, resource.RLIMIT_NPROC, (soft, hard))
