"""Markdown with a head of YAML between two lines of three dashes: skills, commands and agents.

The head is read by PyYAML's safe loader. One that is no valid YAML, as people write it for readers
that take each line for itself (``description: Use when: always``), is read that way.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*))?$")


class Document(NamedTuple):
    """``meta`` is the head by field, ``body`` what follows it; ``problem`` is a sentence about a
    head that is not as it should be, empty for a good one."""

    meta: dict[str, Any]
    body: str
    problem: str = ""


def parsed(text: str) -> Document:
    """A document. Without a head its ``meta`` is empty. Never raises."""
    found = _FENCE.match(text)
    if found is None:
        return Document({}, text.lstrip("\ufeff"))
    head, body = found[1], text[found.end() :]
    import yaml  # start-up: 15 ms, and few folders have any such file

    try:
        meta = yaml.load(head, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError) as error:
        fields = _line_by_line(head)
        return Document(fields, body, "" if fields else f"The head is no YAML: {_said(error)}.")
    if meta is None:
        return Document({}, body)
    if not isinstance(meta, dict):
        return Document({}, body, "The head is no list of fields (name: value).")
    return Document({str(key): value for key, value in meta.items()}, body)


def words(value: Any) -> tuple[str, ...]:
    """A list of names as people write it: a YAML list, or names with commas or spaces between
    them, of which parentheses hold theirs together (``Bash(git add:*), Read``)."""
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(item).strip() for item in value if str(item).strip())
    found = re.findall(r"[^\s,()]+(?:\([^)]*\))?", str(value))
    return tuple(found)


def _line_by_line(head: str) -> dict[str, Any]:
    """The fields of a head each line of which is one, lines that are indented going on with it."""
    fields: dict[str, Any] = {}
    last = ""
    for line in head.splitlines():
        if (field := _FIELD.match(line)) is not None:
            last, value = field[1], (field[2] or "").strip()
            fields[last] = {"true": True, "false": False}.get(value.lower(), value.strip("\"'"))
        elif last and line[:1] in (" ", "\t") and isinstance(fields[last], str):
            fields[last] = f"{fields[last]} {line.strip()}".strip()
        elif line.strip() and not line.lstrip().startswith("#"):
            return {}
    return fields


def _said(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 2}" if mark is not None else ""
    return f"{getattr(error, 'problem', None) or error}{where}"
