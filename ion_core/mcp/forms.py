"""A server's form as questions to the person, and their answers as what it wants.

A form is one flat object (elicitation of MCP 2025-11-25): texts, numbers, truth values and choices,
each perhaps with a default, which stands where nothing was answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ion_core.asking import Answer, Option, Question
from ion_core.sanitize import sanitize

YES: Final = "Yes"
NO: Final = "No"
OPENED: Final = "I opened it"


def questions(said: str, schema: Mapping[str, Any]) -> list[Question]:
    """One for each field, or the bare question for a form without any."""
    fields = _fields(schema)
    if not fields:
        return [Question(question=said, options=(Option(label=YES), Option(label=NO)))]
    return [_question(said, name, field) for name, field in fields.items()]


def content(schema: Mapping[str, Any], answers: Sequence[Answer]) -> dict[str, Any]:
    """What the person said, by field; fields that they left empty have their defaults, if any."""
    found: dict[str, Any] = {}
    for (name, field), answer in zip(_fields(schema).items(), answers, strict=False):
        value = _value(field, answer)
        value = field.get("default") if value is None else value
        if value is not None:
            found[name] = value
    return found


def address(said: str, url: str) -> Question:
    """Whether the person goes to an address. It is shown whole and never opened for them."""
    return Question(
        question=f"{said}\n{sanitize(url)}\nOpen it in a browser if you trust it.",
        header="Open",
        options=(Option(label=OPENED), Option(label=NO)),
    )


def agreed(answers: Sequence[Answer]) -> bool:
    """Whether they did."""
    return bool(answers) and OPENED in answers[0].chosen


def _fields(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = schema.get("properties")
    return fields if isinstance(fields, Mapping) else {}


def _question(said: str, name: str, field: Mapping[str, Any]) -> Question:
    about = field.get("description") or field.get("title") or name
    default = field.get("default")
    hint = "" if default is None else f" (default: {default})"
    several = field.get("type") == "array"
    choices = _choices(field.get("items", {}) if several else field)
    if field.get("type") == "boolean":
        choices = {YES: True, NO: False}
    return Question(
        question=f"{said}\n{sanitize(str(about))}{hint}",
        header=sanitize(name)[:20],
        options=tuple(Option(label=sanitize(label)) for label in choices),
        several=several,
    )


def _choices(field: Mapping[str, Any]) -> dict[str, Any]:
    """The values that may be chosen, by what they are called."""
    named = field.get("oneOf") or field.get("anyOf")
    if isinstance(named, list):
        return {str(one.get("title", one.get("const"))): one.get("const") for one in named}
    values = field.get("enum")
    if not isinstance(values, list):
        return {}
    names = field.get("enumNames")
    labels = names if isinstance(names, list) and len(names) == len(values) else values
    return {str(label): value for label, value in zip(labels, values, strict=True)}


def _value(field: Mapping[str, Any], answer: Answer) -> Any:
    kind = field.get("type")
    if kind == "array":
        known = _choices(field.get("items", {}))
        chosen = [known.get(label, label) for label in answer.chosen]
        return chosen or ([answer.text] if answer.text.strip() else None)
    text = answer.text.strip() or (answer.chosen[0] if answer.chosen else "")
    if not text:
        return None
    if kind == "boolean":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
    if kind in ("integer", "number"):
        return _number(text, whole=kind == "integer")
    return _choices(field).get(text, text)


def _number(text: str, *, whole: bool) -> float | int | None:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return None


def told(server: str, params: Any) -> dict[str, Any]:
    """What hooks are told of a question."""
    said = {"mcp_server_name": server, "message": sanitize(params.message), "mode": params.mode}
    if params.mode == "url":
        return {**said, "url": params.url}
    return {**said, "requested_schema": params.requested_schema}
