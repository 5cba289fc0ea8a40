"""What SQLite says when it fails, as sentences that a person can act on."""

from __future__ import annotations

import sqlite3

from ion_core.errors import StoreCorrupt, StoreError

_SENTENCES = {
    "SQLITE_FULL": "The disk is full: {place} could not be written. Free some space, then repeat.",
    "SQLITE_READONLY": "{place} is read-only. Make it writable, or set ION_HOME to another folder.",
    "SQLITE_CANTOPEN": "{place} cannot be opened. Does its folder exist, and may you write to it?",
    "SQLITE_PERM": "You may not use {place}. Correct its permissions.",
    "SQLITE_BUSY": "Another program has locked {place}. Close it, then repeat.",
    "SQLITE_LOCKED": "Another program has locked {place}. Close it, then repeat.",
    "SQLITE_IOERR": "{place} could not be read or written. Is the disk full or failing? ({error})",
    "SQLITE_TOOBIG": "This is too large to be stored in {place}. ({error})",
}
_NO_TEXT = "Could not decode to UTF-8"
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a database raises; the last when SQLite complains of garbage and quotes it."""


def store_error(place: str, error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
    """The error to raise ``from`` SQLite's own. Nothing of the failed transaction was written."""
    code = _primary(getattr(error, "sqlite_errorname", None) or "")
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(_NO_TEXT):
        code = "SQLITE_CORRUPT"
    if code in _DAMAGED:
        return StoreCorrupt(
            f"{place} is damaged or not a database ({error}). `ion sessions repair` saves what can "
            "be read, and so does the next start of ion; nothing is deleted."
        )
    sentence = _SENTENCES.get(code, "{place} could not be used: {error}.")
    return StoreError(sentence.format(place=place, error=error))


def _primary(name: str) -> str:
    """``SQLITE_IOERR_WRITE`` is a kind of ``SQLITE_IOERR`` (https://www.sqlite.org/rescode.html)."""
    return "_".join(name.split("_")[:2])
