"""Giving up rights for the calling thread: what it starts cannot get them back.

Constants are those of ``linux/prctl.h`` and ``linux/capability.h``.
"""

from __future__ import annotations

import ctypes
import os
import struct

_NO_NEW_PRIVILEGES, _DROP_BOUNDING = 38, 24
_VERSION_3 = 0x20080522
_MOST_CAPABILITIES = 64


def forgo_new() -> None:
    """No program that the thread starts gains rights by its owner. Raises ``OSError``."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise _failure()


def forgo_capabilities() -> None:
    """Drop what root may do besides owning its files. Raises ``OSError``."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_MOST_CAPABILITIES):
        libc.prctl(_DROP_BOUNDING, capability, 0, 0, 0)  # fails where there is none, or no right
    header, none = struct.pack("Ii", _VERSION_3, 0), bytes(24)
    if libc.capset(header, none) != 0:
        raise _failure()


def _failure() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"Privileges could not be given up: {os.strerror(number)}")
