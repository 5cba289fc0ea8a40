"""What a model surely meant by arguments that do not quite fit: other names, other wrapping.

Only the form is mended; no content is ever guessed. Whatever is still wrong after it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

_OTHER_NAMES = {
    "path": "filepath filename file directory dir folder absolutepath relativepath targetfile "
    "targetdirectory dirpath relativeworkspacepath",
    "command": "cmd script",
    "pattern": "query regex regexp globpattern",
    "query": "q searchquery searchterm searchterms",
    "content": "contents text filetext filecontent step",
    "items": "todos plan todolist tasks",
    "glob": "include includepattern filepattern includes",
    "context": "c contextlines",
    "limit": "headlimit maxresults",
    "url": "uri link href address",
    "offset": "startline linestart",
    "cwd": "workdir workingdirectory",
    "timeout_s": "timeout timeoutseconds",
    "background": "runinbackground isbackground",
    "id": "jobid bashid shellid processid",
    "text": "input chars stdin data",
    "old_string": "oldstr oldtext old search find original",
    "new_string": "newstr newtext new replace replacement replacewith",
    "patch": "input diff patchtext",
}
_WRAPPERS = frozenset({"arguments", "args", "input", "parameters", "params", "toolinput", "kwargs"})
_VALUES = {
    "output_mode": {"files_with_matches": "files", "filenames": "files", "matches": "content"},
    "status": {
        "done": "completed",
        "todo": "pending",
        "doing": "in_progress",
        "canceled": "cancelled",
    },
    "action": {"kill": "stop", "terminate": "stop"},
}

_APPENDS = (("append", True), ("append", "true"), ("mode", "append"), ("mode", "a"))

_SURELY_MS = 10_000
"""No command is given three hours; some agents count its time in milliseconds."""

_CHATTER = frozenset({"description", "explanation", "reason", "intent", "thought", "why", "title"})
"""Fields with which models say why; they change nothing."""


def repaired(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """``arguments`` with the field names of ``schema``, lists that were written as JSON text
    decoded, the fields of a single item put into the list that they belong to, and optional
    fields that are null left out."""
    fields = schema["properties"]
    mended = _renamed(_unwrapped(arguments, fields), fields)
    for mend in (_span, _milliseconds, _flags):
        mend(mended, fields)
    for field, wanted in fields.items():
        if wanted.get("type") == "array":
            _hand_down(mended, field, wanted["items"], fields)
    needed = schema.get("required", ())
    for field, wanted in fields.items():
        if field in mended and mended[field] is None and field not in needed:
            del mended[field]
        if wanted.get("type") == "array":
            _listed(mended, field)
            _wrap(mended, field, wanted["items"])
            _mend_items(mended, field, wanted["items"])
        elif wanted.get("type") == "string" and isinstance(mended.get(field), list):
            mended[field] = _as_text(field, mended[field])
        spelt = _VALUES.get(field, {})
        if isinstance(mended.get(field), str):
            mended[field] = spelt.get(mended[field], mended[field])
    return mended


def at_odds(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What makes it uncertain what is meant, or nothing: a field and another name for it with
    another value, a field beside the list that would hold it, text that was to be appended."""
    mended, fields = repaired(arguments, schema), schema["properties"]
    for field in fields.keys() & mended.keys():
        names, inner = _OTHER_NAMES.get(field, "").split(), _needed_within(fields[field])
        for name in mended.keys() - fields.keys():
            if name in inner or (_bare(name) in names and mended[name] != mended[field]):
                return f'field "{field}": expected once, got it and "{name}", which differ'
    for field in fields.keys() & mended.keys():
        if odds := _at_odds_within(field, mended, fields):
            return odds
    parts = [n for n in mended if _bare(n) in ("insertline", "line", "startline", "endline")]
    parts += [n for n in ("overwrite",) if _said(mended.get(n)) is False]
    if "content" in fields and parts:
        return f'field "content": expected the whole file, got "{parts[0]}"; use edit for a part'
    if "content" in fields and any(mended.get(name) == value for name, value in _APPENDS):
        return 'field "content": expected the whole file, got text to append; use edit for that'
    return ""


def _at_odds_within(field: str, mended: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """What an item of a list says of a field beside the list, where the two differ."""
    if fields[field].get("type") != "array" or not isinstance(mended[field], list):
        return ""
    own = fields[field]["items"].get("properties", {})
    for item in mended[field]:
        for name in [name for name in item if name not in own] if isinstance(item, dict) else []:
            for outer in fields.keys() - {field}:
                known = {_bare(outer), *_OTHER_NAMES.get(outer, "").split()}
                if _bare(name) in known and item[name] != mended.get(outer, item[name]):
                    return f'field "{outer}": expected once, got it and "{name}", which differ'
    return ""


def _needed_within(wanted: Mapping[str, Any]) -> Sequence[str]:
    return wanted["items"].get("required", ()) if wanted.get("type") == "array" else ()


def left_over(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The fields of ``arguments`` that mean nothing, even repaired."""
    extra = [name for name in repaired(arguments, schema) if name not in schema["properties"]]
    return [name for name in extra if _bare(name) not in _CHATTER]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _unwrapped(arguments: Mapping[str, Any], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments within a single field that wraps them, as an object or as its JSON text."""
    if len(arguments) != 1:
        return arguments
    (name, value), *_ = arguments.items()
    if name in fields or _bare(name) not in _WRAPPERS:
        return arguments
    if isinstance(value, str):
        value = _decoded(value)
    return value if isinstance(value, dict) else arguments


def _renamed(arguments: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    renamed = dict(arguments)
    for field in fields:
        if field in renamed:
            continue
        wanted = {_bare(field), *_OTHER_NAMES.get(field, "").split()}
        others = [name for name in renamed if name not in fields and _bare(name) in wanted]
        if len(others) == 1:
            renamed[field] = renamed.pop(others[0])
    return renamed


def _span(arguments: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """First and last line, or both as a pair, become an offset and a limit."""
    if not {"offset", "limit"} <= fields.keys() or "limit" in arguments:
        return
    pair = next((n for n in arguments if _bare(n) in ("viewrange", "linerange", "range")), None)
    match arguments.get(pair) if pair else None:
        case [int(first), int(last)] if "offset" not in arguments:
            del arguments[pair or ""]
            arguments["offset"] = first
            arguments |= {"limit": last - first + 1} if last >= first else {}
    end = next((n for n in arguments if _bare(n) in ("endline", "lineend")), None)
    last_line, first_line = arguments.get(end or ""), arguments.get("offset", 1)
    if end and str(last_line).isdigit() and str(first_line).isdigit():
        arguments["limit"] = int(str(arguments.pop(end))) - int(str(first_line)) + 1


def _milliseconds(arguments: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """A time limit in milliseconds, by its name or because no limit has so many seconds."""
    if "timeout_s" not in fields:
        return
    named = next((n for n in arguments if _bare(n) in ("timeoutms", "timeoutmilliseconds")), None)
    if named and "timeout_s" not in arguments:
        arguments["timeout_s"] = _seconds(arguments.pop(named))
    elif _number(arguments.get("timeout_s")) >= _SURELY_MS:
        arguments["timeout_s"] = _seconds(arguments["timeout_s"])


def _seconds(value: Any) -> Any:
    number = _number(value)
    return max(1, round(number / 1000)) if number else value


def _number(value: Any) -> float:
    text = str(value)
    return (
        float(text) if not isinstance(value, bool) and re.fullmatch(r"\d+(\.\d+)?", text) else 0.0
    )


def _flags(arguments: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Options of the program ``grep``, where the tool has another way to say the same."""
    if not {"pattern", "context"} <= fields.keys():
        return
    around = [_number(arguments.pop(flag)) for flag in ("-A", "-B", "-C") if flag in arguments]
    if around and "context" not in arguments:
        arguments["context"] = int(max(around))
    arguments.pop("-n", None)
    ignores = _said(arguments.pop("-i", False)) is True
    ignores = _said(arguments.pop("case_sensitive", True)) is False or ignores
    if ignores and isinstance(arguments.get("pattern"), str):
        arguments["pattern"] = f"(?i){arguments['pattern']}"


def _said(value: Any) -> Any:
    """A truth value that may have come as text."""
    return {"true": True, "false": False}.get(str(value).casefold(), value)


def _as_text(field: str, value: list[Any]) -> Any:
    """A command as a list of words, or a list of one text, as the text that is meant."""
    if not value or not all(isinstance(word, str) for word in value):
        return value
    if field != "command":
        return value[0] if len(value) == 1 else value
    if (
        len(value) == 3
        and value[0].rpartition("/")[2] in ("bash", "sh")
        and value[1] in ("-c", "-lc")
    ):
        return value[2]
    if len(value) == 1:
        return value[0]
    if " " in value[0]:  # several commands, perhaps
        return value
    import shlex  # start-up: seldom needed

    return shlex.join(value)


def _listed(arguments: dict[str, Any], field: str) -> None:
    value = arguments.get(field)
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        value = _decoded(value)
    if isinstance(value, dict):
        value = [value]
    if value is not None:
        arguments[field] = value


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _wrap(arguments: dict[str, Any], field: str, item: Mapping[str, Any]) -> None:
    """The fields of one item, that stand where the list should, become a list of it."""
    needed = item.get("required", ())
    if field in arguments or not needed:
        return
    inner = _renamed(arguments, item["properties"])
    if all(name in inner for name in needed):
        arguments.clear()
        arguments.update({n: v for n, v in inner.items() if n not in item["properties"]})
        arguments[field] = [{n: v for n, v in inner.items() if n in item["properties"]}]


def _hand_down(
    arguments: dict[str, Any], field: str, item: Mapping[str, Any], fields: Mapping[str, Any]
) -> None:
    """A truth value that stands beside a list is one of each item that says nothing of it."""
    items = arguments.get(field)
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        return
    for name, wanted in item.get("properties", {}).items():
        if wanted.get("type") == "boolean" and name in arguments and name not in fields:
            said = arguments.pop(name)
            arguments[field] = items = [{name: said, **one} for one in items]


def _mend_items(arguments: dict[str, Any], field: str, item: Mapping[str, Any]) -> None:
    items = arguments.get(field)
    if isinstance(items, list) and "properties" in item:
        arguments[field] = [_mended_item(one, item) for one in items]


def _mended_item(one: Any, item: Mapping[str, Any]) -> Any:
    """An item with its fields; a text is the only field that an item needs."""
    needed = item.get("required", ())
    if isinstance(one, str) and len(needed) == 1:
        one = {needed[0]: one}
    return repaired(one, item) if isinstance(one, dict) else one
