"""In what models and hosts of the Messages protocol differ, as tables of data.

Gated by exclusion: the rows name what is old, and a Claude of an unknown name counts as the newest.
Models of other makers get the plainest shape, and a host that is not listed is sent nothing that
only Anthropic's own service is sure to take. Sources: the providers' API references and migration
guides, November 2026.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

Thinking: TypeAlias = Literal["adaptive", "budget", "none"]
"""How a model is told to think: as much as it sees fit, within a number of tokens, or not at
all."""

Off: TypeAlias = Literal["disabled", "between_tools", "least"]
"""How it is told not to: by either name, or (where it cannot be) by the lowest effort."""

LEVELS = ("low", "medium", "high", "xhigh", "max")
"""Efforts, weakest first."""


class AnthropicQuirks(Struct, frozen=True, kw_only=True):
    """What one model at one host wants. The defaults are those of the newest Claude.

    ``efforts`` are those that it takes; ``max_output`` is the most tokens of one answer when nobody
    knows better, ``most_output`` what its server said that it is at most (0: nothing).
    ``vision``: it is known to see; ``images``: its server takes images. ``replay``: its thoughts go
    back to it; ``unsigned``: also those without a signature; ``rebind``: those that do not belong
    to what now precedes them are to be dropped by the server.
    """

    thinking: Thinking = "adaptive"
    off: Off = "least"
    display: bool = True
    efforts: tuple[str, ...] = LEVELS
    interleaved: bool = False
    temperature: bool = False
    schema: bool = True
    cache: bool = True
    vision: bool = True
    images: bool = True
    replay: bool = True
    unsigned: bool = False
    rebind: bool = False
    max_output: int = 128_000
    most_output: int = 0


class Host(Struct, frozen=True, kw_only=True):
    """What the hosts whose names end in ``end`` take: keys as bearer tokens, cache marks, betas,
    a schema for the answer. ``efforts`` are those of its models that are no Claudes."""

    end: str
    bearer: bool = False
    cache: bool = False
    betas: bool = False
    schema: bool = True
    efforts: tuple[str, ...] = ()


HOSTS = (
    Host(end="anthropic.com", cache=True, betas=True),
    Host(end="googleapis.com", bearer=True, cache=True, betas=True),
    Host(end="amazonaws.com", bearer=True, cache=True),
    Host(end="api.aws", bearer=True, cache=True),
    Host(end="azure.com", cache=True),
    Host(end="openrouter.ai", bearer=True, cache=True, schema=False),
    Host(end="githubcopilot.com", bearer=True, schema=False),
    Host(end="api.deepseek.com", schema=False, efforts=("high", "max")),
    Host(end="z.ai", schema=False),
    Host(end="bigmodel.cn", schema=False),
    Host(end="kimi.com", schema=False),
    Host(end="moonshot.ai", schema=False),
    Host(end="moonshot.cn", schema=False),
    Host(end="minimax.io", schema=False),
    Host(end="minimaxi.com", schema=False),
)
_UNKNOWN = Host(end="")

_NEWEST = AnthropicQuirks()
_ADAPTIVE = replace(_NEWEST, off="disabled")
_FIRST_ADAPTIVE = replace(_ADAPTIVE, efforts=("low", "medium", "high", "max"), temperature=True)
_BUDGET = replace(
    _ADAPTIVE,
    thinking="budget",
    efforts=(),
    temperature=True,
    interleaved=True,
    max_output=64_000,
)
_EARLY_BUDGET = replace(_BUDGET, schema=False)
_PLAIN = replace(_EARLY_BUDGET, thinking="none", interleaved=False, images=True, max_output=4_096)

OLD: dict[str, AnthropicQuirks] = {
    "haiku-5-5": _ADAPTIVE,
    "sonnet-5-5": replace(_NEWEST, off="between_tools"),
    "sonnet-5": _ADAPTIVE,
    "opus-5": _ADAPTIVE,
    "opus-4-8": _ADAPTIVE,
    "opus-4-7": _ADAPTIVE,
    "opus-4-6": _FIRST_ADAPTIVE,
    "sonnet-4-6": _FIRST_ADAPTIVE,
    "opus-4-5": replace(_BUDGET, efforts=("low", "medium", "high")),
    "sonnet-4-5": _BUDGET,
    "haiku-4-5": _BUDGET,
    "opus-4-1": replace(_EARLY_BUDGET, max_output=32_000),
    "opus-4": replace(_EARLY_BUDGET, max_output=32_000),
    "sonnet-4": _EARLY_BUDGET,
    "sonnet-3-7": replace(_EARLY_BUDGET, interleaved=False),
    "sonnet-3-5": replace(_PLAIN, max_output=8_192),
    "haiku-3-5": replace(_PLAIN, max_output=8_192),
    "opus-3": _PLAIN,
    "sonnet-3": _PLAIN,
    "haiku-3": _PLAIN,
}
"""The Claudes that are not as the newest, by family and version."""

_OTHER = replace(_EARLY_BUDGET, interleaved=False, schema=True, vision=False, unsigned=True)
"""A model that is no Claude, behind a server that speaks like one."""


def host_for(base_url: str) -> Host:
    """What the host of a base URL takes."""
    name = urlsplit(base_url).hostname or ""
    found = (host for host in HOSTS if name == host.end or name.endswith("." + host.end))
    return next(found, _UNKNOWN)


def quirks_for(base_url: str, model: str) -> AnthropicQuirks:
    """What ``model`` wants at ``base_url``, before any of its 400s taught more."""
    host = host_for(base_url)
    if is_claude(model):
        row = OLD.get(version(model), _NEWEST)
    else:
        row = replace(_OTHER, efforts=host.efforts, max_output=32_000)
    return replace(
        row,
        cache=host.cache,
        schema=row.schema and host.schema,
        interleaved=row.interleaved and host.betas,
    )


def is_claude(model: str) -> bool:
    """Whether a model of that name is Anthropic's, wherever it is served."""
    return "claude" in model.lower()


def version(model: str) -> str:
    """Family and version of a Claude in one spelling: ``opus-4-6`` for
    ``us.anthropic.claude-opus-4-6-v1``, ``claude-opus-4.6`` and ``claude-opus-4-6@20260205``;
    ``sonnet-3-7`` for ``claude-3-7-sonnet-latest``. Empty when the name is of neither form."""
    name = model.lower().replace(".", "-")
    new = re.search(r"claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?(?!\d)", name)
    if new is not None:
        family, major, minor = new.groups()
    else:
        old = re.search(r"claude-(\d)(?:-(\d))?-([a-z]+)", name)
        if old is None:
            return ""
        major, minor, family = old.groups()
    return f"{family}-{major}" if minor in (None, "0") else f"{family}-{major}-{minor}"
