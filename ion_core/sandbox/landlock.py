"""Landlock: rules on files, ports, signals and abstract sockets for the calling thread.

The thread and all it starts keep the rules for good. Numbers and layouts are those of
``linux/landlock.h``; system calls have the same numbers on every architecture.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from ion_core.sandbox.privileges import forgo_new

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION_ASKED = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _DEVICE = 1 << 14, 1 << 15
_LOOK = _EXECUTE | _READ_FILE | _READ_FOLDER
_FOR_FILES = _EXECUTE | _WRITE | _READ_FILE | _TRUNCATE | _DEVICE
_FILE_RIGHTS = ((1, (1 << 13) - 1), (2, 1 << 13), (3, _TRUNCATE), (5, _DEVICE))
_PORTS, _SCOPES = 0b11, 0b11
_PORTS_SINCE, _SCOPES_SINCE = 4, 6


class _Rules(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("ports", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


def version() -> int:
    """The version of the interface; 0 where the kernel has none or it is switched off."""
    try:
        return max(0, int(_libc().syscall(_CREATE, None, 0, _VERSION_ASKED)))
    except (OSError, AttributeError):
        return 0


def confine_files(looked_at: Iterable[str], changed: Iterable[str], *, online: bool) -> None:
    """Let the thread look at some trees and files, change others, and nothing else.

    What is missing is passed over. Raises ``OSError``.
    """
    known = version()
    rights = sum(bits for since, bits in _FILE_RIGHTS if known >= since)
    rules = _ruleset(known, rights, online=online)
    try:
        for paths, granted in ((looked_at, _LOOK), (changed, rights)):
            for path in paths:
                _allow(rules, path, granted & rights)
        _restrict(rules)
    finally:
        os.close(rules)


def confine_scope(*, online: bool) -> None:
    """Take ports, foreign signals and abstract sockets from the thread, but no files: a domain
    with rules on files may not mount, and bubblewrap must. Raises ``OSError``."""
    rules = _ruleset(version(), 0, online=online)
    try:
        _restrict(rules)
    finally:
        os.close(rules)


def _ruleset(known: int, files: int, *, online: bool) -> int:
    ports = _PORTS if known >= _PORTS_SINCE and not online else 0
    scopes = _SCOPES if known >= _SCOPES_SINCE else 0
    attributes = _Rules(files, ports, scopes)
    fields = 1 + (known >= _PORTS_SINCE) + (known >= _SCOPES_SINCE)
    size = fields * ctypes.sizeof(ctypes.c_uint64)
    return _checked(_libc().syscall(_CREATE, ctypes.byref(attributes), size, 0))


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = rights if os.path.isdir(path) else rights & _FOR_FILES
        beneath = _Beneath(allowed, descriptor)
        _checked(_libc().syscall(_ADD, rules, _PATH_BENEATH, ctypes.byref(beneath), 0))
    finally:
        os.close(descriptor)


def _restrict(rules: int) -> None:
    forgo_new()
    _checked(_libc().syscall(_RESTRICT, rules, 0))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
