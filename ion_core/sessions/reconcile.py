"""Whether calls that write files were done, seen from the files themselves.

The intent of such a call holds what each file was and what it should become. A file that is
neither was changed by somebody else, or by something that the call did not foresee.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from ion_core.ids import CallId
from ion_core.sessions.base import OpenedEffect

Verdict: TypeAlias = Literal["done", "not_done", "unknown"]

MOST_BYTES = 32 << 20
"""Files that are larger are no longer what a call foresaw: none that it foretold is."""


class Found(Struct, frozen=True, kw_only=True):
    """What is seen of one call; ``files`` are its files with what is seen of each."""

    verdict: Verdict
    files: tuple[tuple[str, Verdict], ...] = ()


class _Meant(Struct, frozen=True, kw_only=True):
    path: str
    before: str
    after: str


class _Detail(Struct, frozen=True, kw_only=True):
    files: tuple[_Meant, ...] = ()


def reconciled(effects: Sequence[OpenedEffect]) -> Mapping[CallId, Found]:
    """What became of each effect that may be looked up; the others are left out. Blocking."""
    kept = [(each.call, _files(each)) for each in effects if each.recovery == "reconcile"]
    states: dict[str, str] = {}
    for _, files in kept:
        states |= {file.path: _digest(file.path) for file in files if file.path not in states}
    return {
        call: _found(files, states, [later for _, later in kept[at + 1 :]], kept[:at])
        for at, (call, files) in enumerate(kept)
    }


def _found(
    files: Sequence[_Meant],
    states: Mapping[str, str],
    later: Sequence[Sequence[_Meant]],
    earlier: Sequence[tuple[CallId, Sequence[_Meant]]],
) -> Found:
    seen: list[tuple[str, Verdict]] = []
    for file in files:
        after = {file.after, *(m.after for each in later for m in each if m.path == file.path)}
        before = {file.before}
        before |= {m.before for _, each in earlier for m in each if m.path == file.path}
        seen.append((file.path, _verdict(states[file.path], before, after)))
    verdicts = {verdict for _, verdict in seen}
    return Found(verdict=verdicts.pop() if len(verdicts) == 1 else "unknown", files=tuple(seen))


def _verdict(state: str, before: set[str], after: set[str]) -> Verdict:
    """Of a file that several calls change in turn, which of their states it is in. A state that is
    one before and one after tells nothing, unless the call changes nothing at all."""
    if state in after and (state not in before or before == after):
        return "done"
    if state in before and state not in after:
        return "not_done"
    return "unknown"


def _files(effect: OpenedEffect) -> tuple[_Meant, ...]:
    try:
        return msgspec.convert(effect.detail, _Detail).files
    except msgspec.ValidationError:
        return ()


def _digest(path: str) -> str:
    """As ``tools/foresight.py`` has it; a word that is no digest for what cannot be compared."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return "incomparable"
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
    except OSError:
        return "incomparable"
