"""Tool calls that a model wrote into its text, found and told apart from text that is only text.

Three forms count: a fenced block of JSON, the tags ``<tool_call>`` or ``<function_call>``, and an
answer that is JSON and nothing else; each may hold several calls. A call must name an offered tool
and give it an object that has what the tool requires. Everything else stays text, unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from ion_core.providers.base import ToolSpec
from ion_core.providers.loose_json import ValueEnd, decode, value_end

_NAMES = ("name", "tool", "function")
_ARGUMENTS = ("arguments", "parameters", "args", "input")
_OPENING = re.compile(
    r"(?P<tag><(?:tool_call|function_call)>)\s*|```[ \t]*(?:json|tool_call)?\s*(?=[{\[])"
)
_CLOSING = re.compile(r"\s*(?:</(?:tool_call|function_call)>|```)")
_BEGUN = re.compile(r"(?:<[a-z_]{0,13}>?\s*|`{1,3}[ \t]*[a-z_]{0,9}\s*)\Z")
"""An opening that is not yet complete at the end of a text."""


class Written(Struct, frozen=True, kw_only=True):
    """A call that was written as text."""

    name: str
    arguments: dict[str, Any]


Piece: TypeAlias = str | Written


def pieces(text: str, tools: Sequence[ToolSpec]) -> list[Piece]:
    """The text in order, with its calls in place of what was written. Joined, the strings of a
    text without calls are that text."""
    offered = {tool.name: tool for tool in tools}
    bare = _block(text, _skip(text, 0), offered)
    if bare is not None and not text[bare[1] :].strip():
        return list(bare[0])
    found: list[Piece] = []
    shown = 0
    for start, end, calls in _blocks(text, offered):
        if text[shown:start].strip():
            found.append(text[shown:start])
        found.extend(calls)
        shown = end
    if text[shown:].strip() or not found:
        found.append(text[shown:])
    return found


class Sieve:
    """A growing text, of which nothing is shown that may still become a call.

    It reads each character about once, so that a long answer costs no more than its length.
    """

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._offered = {tool.name: tool for tool in tools}
        self._held = ""
        self._begun = self._closed = False
        self._value: ValueEnd | None = None
        self._opening = (0, 0)

    def feed(self, text: str) -> str:
        """More text; what of all that was held is now certain to be text."""
        self._held += text
        certain = 0 if self._is_bare() or self._closed else self._certain()
        shown, self._held = self._held[:certain], self._held[certain:]
        return shown

    def _is_bare(self) -> bool:
        """Whether nothing but a value has come yet: such an answer is held to its end."""
        if not self._begun:
            start = self._held.lstrip()
            self._begun, self._closed = bool(start), start[:1] in ("{", "[")
        return not self._begun

    def _certain(self) -> int:
        at = 0
        while self._opens_value(at):
            start, inside = self._opening
            end = self._value.find(self._held) if self._value else -1
            if end < 0:
                if start:  # its place changes when what is before it is shown
                    self._value = None
                return start
            # Only the first value decides, as it does when no more of the text has come yet.
            self._closed = _block(self._held[:end], inside, self._offered) is not None
            if self._closed:
                return start
            # What looked like a value may hold a call of its own: `pieces` looks there too.
            self._value, at = None, inside
        begun = _BEGUN.search(self._held, at)
        return begun.start() if begun else len(self._held)

    def _opens_value(self, at: int) -> bool:
        """Whether an opening follows; its value is looked for where there is one."""
        if self._value is None:
            opening = _OPENING.search(self._held, at)
            if opening is None:
                return False
            self._opening = opening.span()
            if _opens(self._held, opening.end()):
                self._value = ValueEnd(opening.end())
        return True


def _blocks(
    text: str, offered: dict[str, ToolSpec]
) -> Iterator[tuple[int, int, tuple[Written, ...]]]:
    at = 0
    while opening := _OPENING.search(text, at):
        block = _block(text, opening.end(), offered)
        at = opening.end()
        if block is not None:
            calls, at = block
            if closing := _CLOSING.match(text, at):
                at = closing.end()
            yield opening.start(), at, calls


def _block(
    text: str, start: int, offered: dict[str, ToolSpec]
) -> tuple[tuple[Written, ...], int] | None:
    """The calls that follow one another from ``start`` and where they end; None for no calls."""
    calls: list[Written] = []
    end = at = start
    while _opens(text, at) and (end_of_value := value_end(text, at)) > 0:
        value = _decoded(text[at:end_of_value])
        read = [_call(item, offered) for item in (value if isinstance(value, list) else [value])]
        if not read or None in read:
            return None
        calls.extend(call for call in read if call is not None)
        end = end_of_value
        at = _skip(text, end)
    return (tuple(calls), end) if calls else None


def _skip(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == ","):
        at += 1
    return at


def _opens(text: str, at: int) -> bool:
    return at < len(text) and text[at] in "{["


def _decoded(text: str) -> Any:
    try:
        return decode(text)
    except ValueError:
        return None


def _call(value: Any, offered: dict[str, ToolSpec]) -> Written | None:
    if not isinstance(value, dict):
        return None
    inner = value.get("function")
    if isinstance(inner, dict):
        value = inner
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
    if name not in offered:
        return None
    arguments = _arguments(value)
    required = offered[name].schema.get("required", ())
    if arguments is None or any(field not in arguments for field in required):
        return None
    return Written(name=name, arguments=arguments)


def _arguments(value: dict[str, Any]) -> dict[str, Any] | None:
    given = next((value[key] for key in _ARGUMENTS if key in value), None)
    if isinstance(given, str):
        given = _decoded(given)
    return given if isinstance(given, dict) else None
