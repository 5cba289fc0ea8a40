"""Loading the settings for a folder: from the snapshot of last time, else from every layer.

The one entrance of this room. A warm load costs a few stats and one small JSON file; only a cold
one imports pydantic, pydantic-settings and tomllib.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ion_core.config.paths import Places, ion_home, places
from ion_core.config.schema import Settings
from ion_core.config.snapshot import Snapshot, keep, key_of, recall
from ion_core.config.trust import standing


class Loaded(NamedTuple):
    """Valid settings, sentences that a person must see, and the files that exist."""

    settings: Settings
    warnings: tuple[str, ...]
    files: tuple[Path, ...]
    places: Places

    @property
    def trusted(self) -> bool:
        """Whether the folder is trusted, so that its own files are obeyed."""
        return self.places.trusted


def load(
    cwd: Path | str,
    *,
    home: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    trusted: bool | None = None,
) -> Loaded:
    """The settings for work in ``cwd``.

    ``flags`` are by dotted key (``{"limits.max_turns": 3}``), None meaning not given; ``home``
    stands in for ``$ION_HOME``; ``env`` is the process's own by default. A folder that is not
    ``trusted`` (None: as the person decided before) has no say. Raises ``ConfigError`` with
    everything that is wrong.
    """
    env = os.environ if env is None else env
    flags = {name: value for name, value in (flags or {}).items() if value is not None}
    found = places(Path(cwd), home or ion_home(env))
    if trusted is None:
        trusted = standing(Path(cwd), found.home).trusted
    said = () if trusted else inert(found)
    found = found._replace(trusted=trusted)
    key = key_of(found, flags, env)
    snapshot = recall(found, key)
    if snapshot is None:
        snapshot = _read(found, flags, env)
        if key == key_of(found, flags, env):  # nothing was converted or edited meanwhile
            keep(found, key, snapshot, env)
    files = tuple(Path(file) for file in snapshot.files)
    return Loaded(snapshot.settings, (*said, *snapshot.warnings), files, found)


def inert(found: Places) -> tuple[str, ...]:
    """What a person should know of a project's files that are not obeyed."""
    own = [file for layer, file in found.files.items() if layer != "user" and os.path.lexists(file)]
    if not own:
        return ()
    listed = " and ".join(map(str, own))
    return (f"{found.project} is not trusted: {listed} has no say. Open ion there to decide.",)


def _read(found: Places, flags: Mapping[str, Any], env: Mapping[str, str]) -> Snapshot:
    from ion_core.config.join import join  # deferred: pydantic, on a cold start only
    from ion_core.config.layers import read_layers
    from ion_core.config.limits import hold_limits

    layers, warnings = read_layers(found)
    hold_limits(layers, env)
    warnings += [said for layer in layers for said in layer.ignored()]
    return Snapshot(
        settings=join(layers, flags, env),
        warnings=tuple(warnings),
        files=tuple(str(layer.file) for layer in layers),
    )
