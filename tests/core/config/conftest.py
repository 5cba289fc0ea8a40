"""A home and a project in a temporary folder, and settings loaded from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ion_core.config import Loaded, load
from ion_core.config.paths import Places, places
from ion_core.config.trust import trust


@dataclass
class World:
    """Files that configure ion, and an environment with nothing else in it."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def places(self) -> Places:
        return places(self.project, self.home)

    def user(self, text: str) -> Path:
        return self._write(self.places.user_file, text)

    def shared(self, text: str) -> Path:
        return self._write(self.places.project_file, text)

    def local(self, text: str) -> Path:
        return self._write(self.places.local_file, text)

    def load(self, **flags: object) -> Loaded:
        named = {name.replace("__", "."): value for name, value in flags.items()}
        return load(self.project, home=self.home, flags=named, env=self.env)

    def _write(self, file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    world = World(tmp_path)
    trust(tmp_path, world.home, below=True)
    return world
