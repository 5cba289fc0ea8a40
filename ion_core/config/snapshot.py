"""The validated settings of last time, so that a warm start needs no pydantic.

One file for each key under ``$ION_HOME/cache/settings``; the key covers everything the settings
were made from, so a snapshot is never stale, only absent. Secrets are not in it: they are read
again from their files. A damaged or unwritable snapshot is as good as none.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ion_core import __version__
from ion_core.config import builtin, extension_schema, schema
from ion_core.config.atomic import replace_file
from ion_core.config.paths import Places, private_folder
from ion_core.config.schema import Settings
from ion_core.config.scope import held_to_project, merged, secrets_in, without_secrets

KEPT = 16
"""Snapshots on disk: a few interpreters times a few projects and sets of flags."""


class Snapshot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings without their secrets, and the user or project files that hold those."""

    settings: Settings
    warnings: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    secrets: bool = False


def key_of(places: Places, flags: Mapping[str, Any], env: Mapping[str, str]) -> str:
    """The name of the snapshot for exactly this state of files, flags and environment."""
    state = (
        __version__,
        sys.hexversion,
        [_stat(module.__file__) for module in (schema, extension_schema, builtin)],
        [(str(file), _stat(file)) for file in places.files.values()],
        sorted((name, value) for name, value in env.items() if name.startswith("ION_")),
        sorted((name, repr(value)) for name, value in flags.items()),
    )
    return hashlib.blake2b(repr(state).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _stat(file: Path | str | None) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file or "")
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def recall(places: Places, key: str) -> Snapshot | None:
    """The snapshot named ``key``, complete with its secrets, or None."""
    try:
        data = (_folder(places) / key).read_bytes()
        found = msgspec.json.decode(data, type=Snapshot)
        return _with_secrets(found, data, places) if found.secrets else found
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def keep(places: Places, key: str, snapshot: Snapshot, env: Mapping[str, str]) -> None:
    """Write ``snapshot`` without its secrets (0600, at once) and forget the oldest ones.

    A secret that came from a variable cannot be found again in a file: then nothing is written.
    """
    if any(name.upper().startswith(("ION_PROVIDERS", "ION_MCP_SERVERS")) for name in env):
        return
    plain = msgspec.to_builtins(snapshot)
    secrets = bool(secrets_in(plain["settings"]))
    plain |= {"settings": without_secrets(plain["settings"]), "secrets": secrets}
    try:
        private_folder(places.home)
        folder = private_folder(_folder(places))
        replace_file(folder / key, msgspec.json.encode(plain), 0o600)
        _forget_old(folder)
    except OSError:
        return


def _folder(places: Places) -> Path:
    return places.home / "cache" / "settings"


def _forget_old(folder: Path) -> None:
    newest_first = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in newest_first[KEPT:]:
        file.unlink(missing_ok=True)


def _with_secrets(snapshot: Snapshot, data: bytes, places: Places) -> Snapshot:
    import tomllib  # deferred: only configurations with secrets in their files need it

    plain: dict[str, Any] = msgspec.json.decode(data)["settings"]
    for layer, file in places.files.items():
        if file.exists():
            values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
            if layer != "user":
                values, _ = held_to_project(values)
            plain = merged(plain, secrets_in(values))
    return msgspec.structs.replace(snapshot, settings=msgspec.convert(plain, Settings))
