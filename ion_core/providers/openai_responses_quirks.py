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
    thoughts are asked for and replayed encrypted; elsewhere they are replayed as they are.
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
    sealed: bool = False
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
    summary=True, sealed=True, full_items=False, temperature=False, cache_key=True
)
_CODEX = replace(_OPENAI, max_output=False, instructed=True, streams_only=True)
_XAI = ResponsesQuirks(sealed=True, cache_key=True)

BY_HOST: tuple[tuple[str, ResponsesQuirks], ...] = (
    ("api.openai.com", _OPENAI),
    ("openai.azure.com", _OPENAI),
    ("services.ai.azure.com", _OPENAI),
    ("cognitiveservices.azure.com", _OPENAI),
    ("chatgpt.com", _CODEX),
    ("githubcopilot.com", replace(_OPENAI, cache_key=False)),
    ("amazonaws.com", replace(_OPENAI, summary=False, cache_key=False)),
    ("api.aws", replace(_OPENAI, summary=False, cache_key=False)),
    ("openrouter.ai", ResponsesQuirks(sealed=True, cache_key=True)),
    ("api.x.ai", _XAI),
    ("api.deepseek.com", ResponsesQuirks(calls_last=True)),
)
"""The end of a host name, and what its models want."""

AZURE = ("openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com")

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


def responses_quirks(base_url: str, model: str) -> ResponsesQuirks:
    """What ``model`` wants at ``base_url``, before any of its 400s taught more."""
    host = urlsplit(base_url).hostname or ""
    quirks = next((row for end, row in BY_HOST if within(host, end)), ResponsesQuirks())
    name = model.rpartition("/")[2].removeprefix("openai.")
    if name.startswith(_SILENT) or (name.startswith("gpt-") and "-chat" in name):
        return replace(quirks, reasons=False, sealed=False, temperature=True)
    efforts = next((each for start, each in BY_NAME if name.startswith(start)), ())
    return replace(quirks, efforts=efforts)


def nearest(effort: str, efforts: tuple[str, ...]) -> str:
    """The one of ``efforts`` that comes closest to ``effort``: itself where nothing is known."""
    effort = "none" if effort == "off" else effort
    if not efforts or effort in efforts or effort not in EFFORTS:
        return effort
    known = [each for each in efforts if each in EFFORTS] or [effort]
    rank = EFFORTS.index(effort)
    return min(known, key=lambda each: abs(EFFORTS.index(each) - rank))


def digest(sealed: str) -> str:
    """What ``stale`` calls a sealed thought: 24 hexadecimal digits."""
    return hashlib.sha256(sealed.encode("utf-8", "replace")).hexdigest()[:24]


def within(host: str, end: str) -> bool:
    """Whether ``host`` is ``end`` or a name below it."""
    return host == end or host.endswith("." + end)
