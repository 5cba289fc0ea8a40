"""In what the servers and models of the Responses protocol differ, as one table of data.

Gated by exclusion: an unknown model of OpenAI's counts as its newest, an unknown server gets the
plainest request. What a 400 teaches (``heal.py``) replaces a row's values for one model. Sources:
OpenAI's, Azure's, xAI's, DeepSeek's and Bedrock's API references and recorded streams, November
2026.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Every reasoning effort there is, weakest first."""


class ResponsesQuirks(Struct, frozen=True, kw_only=True):
    """What one model of one endpoint wants.

    ``reasons``: it takes ``reasoning``; ``summary``: it is asked for a summary of its thoughts;
    ``efforts`` are those that it takes, weakest first, empty where not known. ``sealed``: its
    thoughts are asked for in an encrypted form; ``open_thoughts``: it also takes them as they are.
    ``replay`` False drops all thoughts, ``stale`` names those (by digest) that were refused;
    ``full_items``: what was answered goes back with ids and statuses, as servers want that check
    against OpenAI's own types (vLLM, OpenRouter); OpenAI itself would look for what each id leads
    to. ``calls_last``: the calls of an answer must follow
    all its other items. ``result_images``: a tool's result may hold pictures. ``instructed``:
    ``instructions`` may not be empty; ``streams_only``: it knows no unstreamed answers.
    """

    reasons: bool = True
    summary: bool = False
    efforts: tuple[str, ...] = ()
    sealed: bool = True
    open_thoughts: bool = True
    replay: bool = True
    stale: frozenset[str] = frozenset()
    full_items: bool = True
    phase: bool = True
    store: bool = True
    instructions: bool = True
    instructed: bool = False
    streams_only: bool = False
    max_output: bool = True
    temperature: bool = True
    cache_key: bool = False
    tool_strict: bool = True
    strict: bool = True
    schema: bool = True
    images: bool = True
    result_images: bool = True
    calls_last: bool = False


_OPENAI = ResponsesQuirks(
    summary=True, open_thoughts=False, full_items=False, temperature=False, cache_key=True
)
_CODEX = replace(_OPENAI, max_output=False, instructed=True, streams_only=True)
_KEYED = ResponsesQuirks(cache_key=True)
_BEDROCK = replace(_OPENAI, summary=False, cache_key=False)

BY_HOST: tuple[tuple[str, str, ResponsesQuirks], ...] = (
    ("openai", "api.openai.com", _OPENAI),
    ("azure", "openai.azure.com", _OPENAI),
    ("azure", "services.ai.azure.com", _OPENAI),
    ("azure", "cognitiveservices.azure.com", _OPENAI),
    ("chatgpt", "chatgpt.com", _CODEX),
    ("copilot", "githubcopilot.com", replace(_OPENAI, cache_key=False)),
    ("bedrock", "api.aws", _BEDROCK),
    ("bedrock", "amazonaws.com", _BEDROCK),
    ("openrouter", "openrouter.ai", _KEYED),
    ("xai", "api.x.ai", _KEYED),
    ("deepseek", "api.deepseek.com", ResponsesQuirks(sealed=False, calls_last=True)),
)
"""The name of a built-in provider, the end of a host name, and what is wanted there. The name
counts where the host is none of these: people put gateways before a vendor."""

_SILENT = ("gpt-3", "gpt-4", "chatgpt-4", "davinci", "babbage")
"""OpenAI's models that do not reason, by the beginning of their names."""

_UP_TO_HIGH = ("low", "medium", "high")
_UP_TO_XHIGH = (*_UP_TO_HIGH, "xhigh")

BY_NAME: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("o1", _UP_TO_HIGH),
    ("o3", _UP_TO_HIGH),
    ("o4", _UP_TO_HIGH),
    ("codex-mini", _UP_TO_HIGH),
    ("gpt-oss", _UP_TO_HIGH),
    ("gpt-5-pro", ("high",)),
    ("gpt-5-codex", _UP_TO_HIGH),
    ("gpt-5.1-codex-mini", ("medium", "high")),
    ("gpt-5.1-codex-max", _UP_TO_XHIGH),
    ("gpt-5.1-codex", _UP_TO_HIGH),
    ("gpt-5.1", ("none", *_UP_TO_HIGH)),
    ("gpt-5.2-pro", ("medium", "high", "xhigh")),
    ("gpt-5.2-codex", _UP_TO_XHIGH),
    ("gpt-5.3-codex", _UP_TO_XHIGH),
    ("gpt-5.2", ("none", *_UP_TO_XHIGH)),
    ("gpt-5.3", ("none", *_UP_TO_XHIGH)),
    ("gpt-5.4", ("none", *_UP_TO_XHIGH)),
    ("gpt-5.5", ("none", *_UP_TO_XHIGH)),
    ("gpt-5.", ()),
    ("gpt-5", ("minimal", *_UP_TO_HIGH)),
)
"""The efforts of OpenAI's models, by the beginning of a name; the first that fits counts. Names
that are not here are newer than the table: they get the effort that was asked for, and a refusal
says which there are."""


def vendor(base_url: str, name: str = "") -> tuple[str, ResponsesQuirks]:
    """The vendor behind an address or, failing that, behind the name of a provider, with what it
    wants; "" and the plainest request for one that nobody knows."""
    host = urlsplit(base_url).hostname or ""
    rows = [row for row in BY_HOST if _within(host, row[1])]
    rows += [row for row in BY_HOST if row[0] == name]
    return (rows[0][0], rows[0][2]) if rows else ("", ResponsesQuirks())


def responses_quirks(base_url: str, model: str, name: str = "") -> ResponsesQuirks:
    """What ``model`` wants at ``base_url``, before any of its 400s taught more; ``name`` is that of
    the provider."""
    quirks = vendor(base_url, name)[1]
    own = model.rpartition("/")[2].removeprefix("openai.")
    if own.startswith(_SILENT) or (own.startswith("gpt-") and "-chat" in own):
        return replace(quirks, reasons=False, sealed=False, temperature=True)
    efforts = next((each for start, each in BY_NAME if own.startswith(start)), ())
    return replace(quirks, efforts=efforts)


def nearest(effort: str, efforts: tuple[str, ...]) -> str:
    """The one of ``efforts`` that comes closest to ``effort``, the stronger of two; ``effort``
    itself where nothing is known."""
    effort = "none" if effort == "off" else effort
    if not efforts or effort in efforts or effort not in EFFORTS:
        return effort
    known = [each for each in efforts if each in EFFORTS] or [effort]
    rank = EFFORTS.index(effort)
    return min(reversed(known), key=lambda each: abs(EFFORTS.index(each) - rank))


def digest(sealed: str) -> str:
    """What ``stale`` calls a sealed thought: 24 hexadecimal digits."""
    return hashlib.sha256(sealed.encode("utf-8", "replace")).hexdigest()[:24]


def _within(host: str, end: str) -> bool:
    return host == end or host.endswith("." + end)
