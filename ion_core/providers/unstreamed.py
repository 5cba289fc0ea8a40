"""Models that cannot stream when they are offered tools, known by how they fail.

Older llama.cpp, vLLM and SGLang builds refuse the combination, and some servers lose their place in
a call that they stream. The request is then made again without streaming, once, and the model is
remembered as one of those.
"""

from __future__ import annotations

import re

from ion_core.errors import BadRequest, Overloaded, ProviderError, StreamBroken

_TOOLS = r"(?:tool|function)[ _-]?(?:call|use|choice)?(?:s|ing)?"
_STREAM = r"stream(?:ing|ed)?"
_REFUSED = (
    rf"(?is){_TOOLS}.{{0,60}}\b(?:not|n't|cannot|unsupported)\b.{{0,40}}{_STREAM}"
    rf"|{_STREAM}.{{0,60}}\b(?:not|n't|cannot|unsupported)\b.{{0,60}}{_TOOLS}"
    rf"|cannot use {_TOOLS} with {_STREAM}"
)
_LOST = r"(?i)(?:failed|unable|error).{0,30}pars.{0,30}tool|tool call.{0,30}(?:pars|incomplete)"


def cannot_stream(error: ProviderError) -> bool:
    """Whether a refused request says that tools and streaming do not go together."""
    kinds = isinstance(error, BadRequest | Overloaded)
    return kinds and re.search(_REFUSED, str(error)) is not None


def lost_its_call(error: ProviderError) -> bool:
    """Whether a stream broke because the server could not follow the model's call."""
    if not isinstance(error, BadRequest | Overloaded | StreamBroken):
        return False
    return re.search(_LOST, str(error)) is not None or cannot_stream(error)


def once_more(error: ProviderError) -> StreamBroken:
    """The same failure, as one after which the request is made again at once."""
    return StreamBroken(f"{error} Trying again without streaming.", retry_after=0.0)
