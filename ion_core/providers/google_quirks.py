"""In what Gemini's generations differ, as one table of data.

Gated by exclusion: the older generations are listed, and every other name, whatever it is, counts
as the newest. Sources: https://ai.google.dev/gemini-api/docs/generate-content/thinking, …/gemini-3,
…/latest-model and the function calling and structured output guides, November 2026.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

Thinking: TypeAlias = Literal["level", "budget", "none"]
"""How thinking is asked for: by ``thinkingLevel`` (3 and later), by ``thinkingBudget`` (2.5), or
not at all."""

Schemas: TypeAlias = Literal["json", "openapi", "none"]
"""How a schema is written: as JSON Schema, as the older subset of OpenAPI 3.0, or not."""


class GoogleQuirks(Struct, frozen=True, kw_only=True):
    """What one model wants.

    ``levels`` are those that it takes, weakest first; ``budget`` is the least and the most that it
    may be given for thinking (0 is off), in tokens. ``eager`` models think without being asked.
    ``signatures`` tells whether the first call of each step must be signed, ``replay`` whether
    signatures and thoughts go back at all. ``result_images`` may be part of a result;
    ``schema_with_tools`` tells whether an answer can be constrained while tools are offered.
    """

    thinking: Thinking = "level"
    levels: tuple[str, ...] = ("low", "medium", "high")
    budget: tuple[int, int] = (0, 24_576)
    eager: bool = True
    thoughts: bool = True
    signatures: bool = True
    replay: bool = True
    temperature: bool = False
    tools: Schemas = "json"
    schema: Schemas = "json"
    schema_with_tools: bool = True
    images: bool = True
    result_images: bool = True
    system: bool = True
    call_ids: bool = True


_BUDGET = GoogleQuirks(
    thinking="budget",
    signatures=False,
    temperature=True,
    schema_with_tools=False,
    result_images=False,
)
_THOUGHTLESS = replace(_BUDGET, thinking="none")
_FOUR_LEVELS: dict[str, Any] = {"levels": ("minimal", "low", "medium", "high")}

OLDER: tuple[tuple[tuple[str, ...], GoogleQuirks], ...] = (
    (("gemini-1", "gemini-2.0", "gemini-pro-vision", "gemini-exp", "learnlm"), _THOUGHTLESS),
    (("gemma-2", "gemma-3", "gemma2", "gemma3"), replace(_THOUGHTLESS, system=False)),
    (("gemini-2.5-flash-lite",), replace(_BUDGET, budget=(512, 24_576), eager=False)),
    (("gemini-2.5-pro",), replace(_BUDGET, budget=(128, 32_768))),
    (("gemini-2.5", "gemini-robotics-er-1"), _BUDGET),
    (("gemini-3-pro",), GoogleQuirks(levels=("low", "high"))),
    (("gemini-3-flash", "gemini-3.1-flash", "gemini-3.5-flash"), GoogleQuirks(**_FOUR_LEVELS)),
    (("gemini-3.6-flash",), GoogleQuirks(**_FOUR_LEVELS)),
)
"""The begin of a name, and what its models want; the first that fits."""


def google_quirks(model: str) -> GoogleQuirks:
    """What ``model`` wants, before any of its 400s taught more."""
    name = model.rpartition("/")[2].lower()
    return next((row for begins, row in OLDER if name.startswith(begins)), GoogleQuirks())
