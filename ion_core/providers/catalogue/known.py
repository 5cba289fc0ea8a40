"""What is known of families of models, for what the sources of the catalogue do not say.

Limits, senses and efforts as the vendors documented them by November 2026: Anthropic's models and
effort pages, OpenAI's reasoning guide, Google's thinking guide, DeepSeek's thinking mode; a family
newer than the source of limits is taken to be like the newest that the source has. No prices: money
is never inferred. The first row whose pattern matches counts.
"""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from ion_core.providers.catalogue.listing import Listed

LOW_TO_HIGH = ("low", "medium", "high")
LOW_TO_XHIGH = (*LOW_TO_HIGH, "xhigh")
LOW_TO_MAX = (*LOW_TO_XHIGH, "max")


class Family(Struct, frozen=True):
    """``pattern`` is searched in an id in lower case with ``-`` for ``.``."""

    pattern: str
    max_output: int = 0
    vision: bool = False
    reasoning: bool = False
    efforts: tuple[str, ...] = ()


FAMILIES = (
    Family(r"claude-(opus|sonnet)-4-6", 128_000, True, True, (*LOW_TO_HIGH, "max")),
    Family(r"claude-opus-4-[78]", 128_000, True, True, LOW_TO_MAX),
    Family(r"claude-(opus|sonnet|haiku|fable|mythos)-[5-9]", 128_000, True, True, LOW_TO_MAX),
    Family(r"claude-opus-4-5", 64_000, True, True, LOW_TO_HIGH),
    Family(r"claude-opus-4", 32_000, True, True),
    Family(r"claude-(sonnet|haiku)-4", 64_000, True, True),
    Family(r"gpt-5.*-chat|gpt-chat", 0, True),
    Family(r"gpt-[5-9].*-pro\b", 128_000, True, True),
    Family(r"gpt-5-1-codex-max|gpt-5-[2-9]-codex", 128_000, True, True, LOW_TO_XHIGH),
    Family(r"gpt-5(-1)?-codex", 128_000, True, True, LOW_TO_HIGH),
    Family(r"gpt-(5-[2-9]|[6-9])", 128_000, True, True, ("none", *LOW_TO_XHIGH)),
    Family(r"gpt-5-1", 128_000, True, True, ("none", *LOW_TO_HIGH)),
    Family(r"gpt-5", 128_000, True, True, ("minimal", *LOW_TO_HIGH)),
    Family(r"gpt-oss", 0, False, True, LOW_TO_HIGH),
    Family(r"(^|/)o[134](-mini)?$", 100_000, True, True, LOW_TO_HIGH),
    Family(r"gemini-3[-0-9]*-pro", 65_536, True, True, ("low", "high")),
    Family(r"gemini-3", 65_536, True, True, ("minimal", *LOW_TO_HIGH)),
    Family(r"gemini-[4-9]", 0, True, True, LOW_TO_HIGH),
    Family(r"gemini-2-5", 65_536, True, True),
    Family(r"deepseek-(v4|v[5-9]|flash)", 0, False, True, ("high", "max")),
    Family(r"grok-4-[2-9]", 0, True, True),
    Family(r"kimi-k(2[p-][5-9]|[3-9])", 0, True, True),
    Family(r"glm-(4-[5-9]|4p[5-9]|[5-9]).*v", 0, True, True),
    Family(r"glm-(4-[5-9]|4p[5-9]|[5-9])", 0, False, True),
    Family(r"mistral-(large-[4-9]|medium-[3-9])", 0, True),
)

SUCCESSORS = {
    ("mistral", "devstral-2512"): "mistral-medium-3-5",
    ("mistral", "devstral-medium-latest"): "mistral-medium-3-5",
    ("mistral", "magistral-medium-latest"): "mistral-medium-3-5",
    ("mistral", "magistral-medium"): "mistral-medium-3-5",
    ("mistral", "magistral-small"): "mistral-small-2603",
    ("deepseek", "deepseek-chat"): "deepseek-v4-flash",
    ("deepseek", "deepseek-reasoner"): "deepseek-v4-flash",
}
"""What vendors recommend instead: docs.mistral.ai/models, api-docs.deepseek.com (2026)."""


def completed(provider: str, model: Listed, *, measured: bool) -> Listed:
    """``model`` with what its family is known for. With ``measured``, the sources know its limits
    and senses, and only what they have no field for is added."""
    model = _succeeded(provider, model)
    name = model.id.lower().replace(".", "-")
    family = next((row for row in FAMILIES if re.search(row.pattern, name)), None)
    if family is None:
        return model
    model = replace(model, efforts=model.efforts or family.efforts)
    if measured:
        return model
    return replace(
        model,
        max_output=model.max_output or family.max_output,
        vision=model.vision or family.vision,
        reasoning=model.reasoning or family.reasoning,
    )


def _succeeded(provider: str, model: Listed) -> Listed:
    """Whatever has a successor is deprecated."""
    successor = SUCCESSORS.get((provider, model.id), model.successor)
    return replace(model, successor=successor, deprecated=model.deprecated or bool(successor))
