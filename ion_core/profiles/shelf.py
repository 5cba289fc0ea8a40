"""The agents of one folder: those of ion, of the project and of the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ion_core.ladder import Ladder
from ion_core.profiles.builtin import BUILTIN
from ion_core.profiles.model import Profile, read

OTHERS: Final = (".agents", ".claude")
OPENCODE: Final = (".opencode",)
OTHER_NAMES: Final = {"explore": "explorer", "general-purpose": "general", "reviewer": "reviewer"}
"""What other agents call ion's own, in lower case."""


class ProfileShelf:
    """By ``ladder``. ``review`` is the model of ion's own reviewer, empty for the session's."""

    def __init__(self, ladder: Ladder, review: str = "") -> None:
        self._ladder, self._review = ladder, review

    def profiles(self) -> list[Profile]:
        """All of them, the first of a name is used; ion's own come last. Blocking."""
        taken: set[str] = set()
        found: list[Profile] = []
        own = (self._with_model(profile) for profile in BUILTIN)
        for profile in (*self._written(), *own):
            key = profile.name.lower()
            found.append(replace(profile, shadowed=key in taken))
            if not profile.problem:
                taken.add(key)
        return found

    def find(self, name: str) -> Profile | None:
        """The one that is used by a name, also as other agents call it."""
        asked = name.strip().lower()
        usable = {one.name.lower(): one for one in self.profiles() if one.usable}
        return usable.get(asked) or usable.get(OTHER_NAMES.get(asked, asked.replace("_", "-")))

    def names(self) -> list[str]:
        """Those that can be started."""
        return [one.name for one in self.profiles() if one.usable and not one.hidden]

    def catalogue(self) -> Mapping[str, str]:
        """What a model is told of agents that are not ion's own."""
        own = [one for one in self.profiles() if one.usable and one.owner != "ion"]
        told = [one for one in own if not one.hidden]
        if not told:
            return {}
        lines = [f"- {one.name}: {one.description}" for one in told]
        return {"agents": "\n".join(["More agents for the task tool:", *lines])[:8_000]}

    def _with_model(self, profile: Profile) -> Profile:
        named = profile.name == "reviewer" and self._review
        return replace(profile, model=self._review) if named else profile

    def _written(self) -> Iterator[Profile]:
        for file, owner in self._files():
            yield read(file, owner)

    def _files(self) -> Iterator[tuple[Path, str]]:
        rungs = [
            *self._ladder.rungs("agents", (*OTHERS, *OPENCODE), "opencode"),
            *self._ladder.rungs("agent", OPENCODE, "opencode"),
        ]
        seen: set[Path] = set()
        for rung in sorted(rungs, key=lambda rung: rung.owner != "project"):
            for file in sorted(rung.path.glob("*.md")):
                if file not in seen:
                    seen.add(file)
                    yield file, rung.owner
