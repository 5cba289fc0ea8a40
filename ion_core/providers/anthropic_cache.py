"""Where a prompt is marked to be cached.

A mark says "everything up to here"; a request may have four, and finds what an earlier one wrote
within about twenty blocks. One stays at the end of the system prompt (tools come before it), one is
at the end of the newest message of the person or their tools, and one at the end of that before,
where the newest one of the last request was.
"""

from __future__ import annotations

from typing import Any

MARK = {"type": "ephemeral"}
"""Five minutes, begun anew by each use."""


def marked(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its marks; what is given stays as it is."""
    steady = "system" if body.get("system") else "tools"
    fields: dict[str, Any] = {}
    if body.get(steady) and isinstance(body[steady], list):
        fields[steady] = _last_marked(body[steady])
    messages = list(body["messages"])
    places = [at for at, message in enumerate(messages) if message["role"] == "user"]
    for at in places[-2:]:
        messages[at] = messages[at] | {"content": _last_marked(messages[at]["content"])}
    return body | fields | {"messages": messages}


def is_marked(body: Any) -> bool:
    """Whether there is a mark anywhere in it."""
    match body:
        case dict():
            return "cache_control" in body or any(map(is_marked, body.values()))
        case list():
            return any(map(is_marked, body))
        case _:
            return False


def _last_marked(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*blocks[:-1], blocks[-1] | {"cache_control": MARK}]
