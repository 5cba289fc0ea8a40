"""Where configuration lives: ion's own folder, the project, and the files of each layer.

``$ION_HOME`` (default ``~/.ion``) is ion's own. The project is the nearest folder upwards that
holds ``.git`` or ``.ion``, else the folder itself. Nothing here reads a file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from ion_core import private

FileLayer: TypeAlias = Literal["user", "project", "local"]
"""The layers that are files, weakest first."""


class Places(NamedTuple):
    """The folders and files that one working folder is configured by; each may be absent."""

    home: Path
    project: Path
    user_file: Path
    project_file: Path
    local_file: Path
    trusted: bool = True
    """Whether the project's files are obeyed."""

    @property
    def files(self) -> dict[FileLayer, Path]:
        """The files that are obeyed, weakest first. Above ion's own folder there is no project's
        file: it would be the user's.
        """
        if not self.trusted or self.project_file.parent.resolve() == self.home.resolve():
            return {"user": self.user_file}
        return {"user": self.user_file, "project": self.project_file, "local": self.local_file}


def ion_home(env: Mapping[str, str] | None = None) -> Path:
    """ion's own folder, which need not exist yet."""
    env = os.environ if env is None else env
    chosen = env.get("ION_HOME", "")
    return Path(chosen or "~/.ion").expanduser().absolute()


def private_folder(path: Path) -> Path:
    """Make ``path`` (and what is above it) if it is absent, readable by its owner alone (0700).

    Raises ``OSError`` when that is not possible.
    """
    return private.folder(path)


def project_root(cwd: Path, home: Path) -> Path:
    """The nearest folder from ``cwd`` upwards with ``.git`` or ``.ion``, else ``cwd``.

    ion's own folder makes no project of the folder above it.
    """
    for folder in (cwd, *cwd.parents):
        mark = folder / ".ion"
        if (folder / ".git").exists() or (mark != home and mark.is_dir()):
            return folder
    return cwd


def places(cwd: Path, home: Path) -> Places:
    """The places for work in ``cwd``."""
    root = project_root(cwd.resolve(), home.resolve())
    folder = root / ".ion"
    return Places(
        home=home,
        project=root,
        user_file=home / "config.toml",
        project_file=folder / "config.toml",
        local_file=folder / "config.local.toml",
    )
