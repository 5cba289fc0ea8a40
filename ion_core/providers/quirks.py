"""What one model of one endpoint wants of chat completions: the fields in which vendors differ.

The rows are in ``vendors.py``. What a 400 teaches (``heal.py``) replaces values for one model, and
so do the ``quirks`` that a person set for it.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

Effort: TypeAlias = Literal[
    "none", "reasoning_effort", "openrouter", "thinking", "thinking_effort", "enable_thinking"
]
"""How reasoning effort is asked for: not at all; ``reasoning_effort: x``; OpenRouter's
``reasoning: {effort: x}``; ``thinking: {type: enabled}`` (Kimi, MiniMax); that and
``reasoning_effort`` (DeepSeek, z.ai); ``enable_thinking: true`` (Alibaba)."""

Replay: TypeAlias = Literal["fields", "think_tags", "none"]
"""How thoughts go back: in the fields they came from, as ``<think>`` in the content, or not."""

Marks: TypeAlias = Literal["none", "system", "turns"]
"""Where ``cache_control`` goes: nowhere, after the system prompt, or there and after the last
message and the one that was last a request ago."""


class Quirks(Struct, frozen=True, kw_only=True):
    """What one model of one endpoint wants.

    ``efforts`` translates words for reasoning effort that the model does not know; ``off`` are the
    fields that switch reasoning off where a word does not. ``fields`` go with every request,
    ``tool_fields`` with those that offer tools. ``cache_key`` is the field that takes the id of
    the session, ``affinity`` the header that does. ``call_id_size`` is the exact length of a call
    id of letters and digits, 0 for any id of up to 40 characters. ``empty_reasoning`` is a field
    that an assistant's message with calls must have. ``typed_schemas`` means that the schemas of
    tools must have a type at every place.
    """

    system_role: Literal["system", "developer", "user"] = "system"
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    stream_usage: bool = True
    temperature: bool = True
    effort: Effort = "reasoning_effort"
    efforts: dict[str, str] = {}
    off: dict[str, Any] = {}
    replay: Replay = "fields"
    empty_reasoning: str = ""
    empty_content: Literal["null", "empty", "omit"] = "null"
    cache_key: Literal["", "prompt_cache_key", "session_id"] = ""
    affinity: str = ""
    marks: Marks = "none"
    strict: bool = True
    schema: bool = True
    typed_schemas: bool = False
    images: bool = True
    think_tags: bool = True
    call_id_size: int = 0
    assistant_after_tool: bool = False
    fields: dict[str, Any] = {}
    tool_fields: dict[str, Any] = {}
    headers: dict[str, str] = {}
