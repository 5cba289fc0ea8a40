"""A while in which Python looks for no cycles: many values are made, and none of them has one.

To look for some takes a third of a list of 5,000 sessions and 8% of an import, and every other
thread, the event loop's too, stands still meanwhile.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """For threads too: whichever of several ends last, cycles are looked for again afterwards."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
