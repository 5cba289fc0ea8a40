"""Models that cannot stream when they are offered tools, known by how they fail.

Some servers refuse the combination (older llama.cpp, Xinference, Ollama, Bedrock's Llama), others
lose their place in a call that they stream or announce one and send none (vLLM, SGLang, LM Studio
with some parsers). The request is then made again without streaming, and the model is remembered
as one of those. Sources: the servers' issues and pull requests, 2024 to 2026.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ion_core.errors import BadRequest, Overloaded, ProviderError, StreamBroken
from ion_core.messages import Text, ToolCall
from ion_core.providers.base import Chunk, Finished, PartDelta, PartDone

_REFUSED = (
    r"(?is)(?=.{0,300}\btools?\b|.{0,300}\bfunction)(?=.{0,300}\bstream(?:s|ing|ed)?\b)"
    r"(?=.{0,300}(?:\bnot\b|n't\b|\bcannot\b|\bunsupported\b|\bonly support))"
)
"""Whatever the order of the words: tools, streaming, and that they do not go together."""
_LOST = (
    r"(?i)(?:failed|unable|error).{0,30}pars.{0,30}(?:tool|function|\bfc\b)"
    r"|failed to parse input at pos|tool call.{0,30}(?:pars|incomplete)|streaming tool call"
)
_WRITTEN = r"<tool_call|<function|[\"'](?:name|tool|function)[\"']\s*:"
"""A call in the words of an answer, which ``tool_text`` finds."""


class LostCall(StreamBroken):
    """An answer says that it ends with a call, and has none."""


class Unstreamed:
    """What was learnt of the models of one endpoint."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._broke: set[str] = set()

    def __contains__(self, model: str) -> bool:
        return model in self._known

    def refused(self, model: str, error: ProviderError) -> bool:
        """Whether a refused request, that was to be streamed, is to be made without streaming."""
        return self._learn(model, cannot_stream(error) or lost_its_call(error))

    def broke(self, model: str, error: ProviderError, *, calling: bool, ended: bool) -> bool:
        """Whether a stream broke over its tools: ``calling`` within a call, the body having
        ``ended`` in good order. A connection that is cut within a call may be the network's
        fault, but not twice."""
        if calling and isinstance(error, StreamBroken) and error.retryable:
            twice = model in self._broke
            self._broke.add(model)
            return self._learn(model, ended or twice)
        return self._learn(model, lost_its_call(error))

    def _learn(self, model: str, lost: bool) -> bool:
        if lost:
            self._known.add(model)
        return lost


def cannot_stream(error: ProviderError) -> bool:
    """Whether a refused request says that tools and streaming do not go together."""
    kinds = isinstance(error, BadRequest | Overloaded)
    return kinds and re.search(_REFUSED, str(error)) is not None


def lost_its_call(error: ProviderError) -> bool:
    """Whether an answer failed because the server could not follow the model's call."""
    if isinstance(error, LostCall):
        return True
    if not isinstance(error, BadRequest | Overloaded | StreamBroken):
        return False
    return re.search(_LOST, str(error)) is not None or cannot_stream(error)


def calls(chunk: Chunk) -> bool:
    """Whether a chunk is of a call."""
    return isinstance(chunk, PartDelta) and chunk.channel == "arguments"


def with_its_call(chunks: Sequence[Chunk]) -> Sequence[Chunk]:
    """The last chunks of an answer. Raises ``LostCall`` when they announce a call that is not
    there, not even in words."""
    parts = [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]
    said = "".join(part.text for part in parts if isinstance(part, Text))
    announced = any(isinstance(chunk, Finished) and chunk.stop == "tool_use" for chunk in chunks)
    made = any(isinstance(part, ToolCall) for part in parts)
    if announced and not made and not re.search(_WRITTEN, said):
        raise LostCall("The server announced a tool call and sent none.")
    return chunks


def once_more(error: ProviderError) -> StreamBroken:
    """The same failure, as one after which the request is made again at once."""
    return StreamBroken(f"{error} Trying again without streaming.", retry_after=0.0)
