"""What experience says about local counts: how many tokens a model makes of what was counted here.

Learnt per provider and model from the increase of the prompt between two answers, and kept in a
small file, so that a new session begins corrected. Losing the file loses nothing but that.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ion_core.config.atomic import replace_file
from ion_core.config.paths import private_folder

Unit: TypeAlias = Literal["characters", "ranks"]
"""What was counted: bytes at 3.5 to a token, or tokens of ``o200k_base``."""

LOWEST, HIGHEST = 0.5, 2.5
CREDIBLE = (0.25, 4.0)
"""A ratio outside of this says that something else changed than what was counted."""
FADE = 0.9
"""The weight that an observation keeps at each later one: about the last ten count."""
PRIOR = 2_000.0
"""Tokens that an assumed ratio weighs."""
KEPT_MODELS = 200

_CLAUDE = 1.2
"""Median of 906 requests to Claude 4.5 in two recorded sessions, in both units."""

_log = logging.getLogger(__name__)


class Ratio(Struct, frozen=True, kw_only=True):
    """Fading sums of the tokens ``seen`` by the provider for those ``counted`` here."""

    seen: float
    counted: float

    @property
    def value(self) -> float:
        return min(HIGHEST, max(LOWEST, self.seen / self.counted)) if self.counted > 0 else 1.0

    def after(self, seen: float, counted: float) -> Ratio:
        """With one more observation, if it is credible."""
        if counted <= 0 or not CREDIBLE[0] <= seen / counted <= CREDIBLE[1]:
            return self
        return Ratio(seen=self.seen * FADE + seen, counted=self.counted * FADE + counted)


class Lesson(Struct, frozen=True, kw_only=True):
    """What is known of one model. ``kept`` is the share of an answer's thoughts that the next
    prompt contains (0 to 1), None while nobody knows."""

    characters: Ratio
    ranks: Ratio
    kept: float | None = None

    def ratio(self, unit: Unit) -> float:
        return (self.characters if unit == "characters" else self.ranks).value

    def after(self, unit: Unit, seen: float, counted: float) -> Lesson:
        """With one more observation in ``unit``."""
        if unit == "characters":
            return replace(self, characters=self.characters.after(seen, counted))
        return replace(self, ranks=self.ranks.after(seen, counted))

    def after_thoughts(self, share: float) -> Lesson:
        """With one more observed share of thoughts that came back."""
        share = min(1.0, max(0.0, share))
        return replace(self, kept=share if self.kept is None else (self.kept + share) / 2)


class Ratios:
    """The lessons of all models, in ``file`` (None: for this process alone)."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, Lesson] | None = None
        self._fresh: dict[str, Lesson] = {}

    def of(self, provider: str, model: str) -> Lesson:
        """What is known of a model, or what is assumed of it."""
        if self._known is None:
            self._known = _read(self._file)
        return self._known.get(f"{provider}/{model}") or _assumed(model)

    def learn(self, provider: str, model: str, lesson: Lesson) -> None:
        """Remember; :meth:`save` makes it last."""
        self.of(provider, model)
        assert self._known is not None
        self._known[f"{provider}/{model}"] = self._fresh[f"{provider}/{model}"] = lesson

    def save(self) -> None:
        """Write what was learnt since the last time, on top of what others wrote meanwhile.

        Blocks for the time of one small file. A file that cannot be written is only logged.
        """
        fresh, self._fresh = self._fresh, {}
        if self._file is None or not fresh:
            return
        others = {ref: lesson for ref, lesson in _read(self._file).items() if ref not in fresh}
        try:
            private_folder(self._file.parent)
            replace_file(self._file, _written({**others, **fresh}), 0o600)
        except OSError as error:
            _log.debug("token ratios not kept: %r", error)


def _assumed(model: str) -> Lesson:
    ratio = Ratio(seen=PRIOR * (_CLAUDE if "claude" in model.lower() else 1.0), counted=PRIOR)
    return Lesson(characters=ratio, ranks=ratio)


def _read(file: Path | None) -> dict[str, Lesson]:
    if file is None:
        return {}
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Lesson])
    except (OSError, msgspec.MsgspecError):
        return {}


def _written(lessons: Mapping[str, Lesson]) -> bytes:
    return msgspec.json.encode(dict(list(lessons.items())[-KEPT_MODELS:]))
