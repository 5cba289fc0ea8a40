"""What one hook said, as a verdict: its exit code, and JSON where it wrote some.

The meaning is that of Claude Code's documentation: 0 goes on and its JSON is obeyed, 2 blocks with
standard error as the reason, anything else is a failure that stops nothing by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final, Literal

from ion_core.errors import ConfigError
from ion_core.hooks.base import SILENT, Verdict

LONGEST: Final = 50_000
"""Characters of a hook's output that are taken."""
TOLD: Final = frozenset(
    {"SessionStart", "UserPromptSubmit", "UserPromptExpansion", "WorktreeCreate"}
)
"""Events of which plain words on standard output are told to the model."""
_SAID: Final[Mapping[str, Literal["allow", "ask", "deny"]]] = {
    "allow": "allow",
    "approve": "allow",
    "ask": "ask",
    "deny": "deny",
    "block": "deny",
}


def verdict_of(event: str, code: int, output: str, errors: str) -> Verdict | str:
    """The verdict; a sentence about one that failed."""
    if code == 2:
        return Verdict(decision="deny", reason=errors.strip()[:LONGEST] or "A hook blocked it.")
    if code != 0:
        first = next((line.strip() for line in errors.splitlines() if line.strip()), "")
        return f"exit {code}{': ' if first else ''}{first[:300]}"
    text = output.strip()
    if text.startswith("{"):
        try:
            said = json.loads(text)
        except ValueError as error:
            return f"its JSON cannot be read: {error}"
        return verdict(said) if isinstance(said, dict) else SILENT
    if text and event in TOLD:
        return Verdict(context=(text[:LONGEST],))
    return SILENT


def verdict(said: Mapping[str, Any]) -> Verdict:
    """What the JSON of a hook means."""
    own = said.get("hookSpecificOutput")
    own = own if isinstance(own, dict) else {}
    decision = own.get("decision")
    permission: dict[str, Any] = decision if isinstance(decision, dict) else {}
    word = own.get("permissionDecision") or permission.get("behavior") or said.get("decision")
    reason = own.get("permissionDecisionReason") or permission.get("message") or said.get("reason")
    updated = own.get("updatedInput") or permission.get("updatedInput")
    output = own.get("updatedToolOutput", own.get("updatedMCPToolOutput"))
    stops = said.get("continue") is False
    return Verdict(
        decision=_SAID.get(str(word), ""),
        reason=str(reason or "")[:LONGEST],
        context=_texts(own.get("additionalContext") or said.get("additionalContext")),
        messages=_texts(said.get("systemMessage")),
        stop=str(said.get("stopReason") or "A hook wanted nothing to go on.") if stops else None,
        updated_input=updated if isinstance(updated, dict) else None,
        updated_output=output,
        said=dict(own),
    )


def made_tree(found: Verdict) -> str:
    """The folder that hooks of ``WorktreeCreate`` made; empty when they made none. Raises
    ``ConfigError`` where none may be made."""
    if found.decision == "deny":
        raise ConfigError(found.reason or "A hook did not let a working tree be made.")
    lines = [line.strip() for text in found.context for line in text.splitlines()]
    path = str(found.said.get("worktreePath") or next(filter(None, reversed(lines)), ""))
    if path and not os.path.isdir(path):
        raise ConfigError(f"A hook of WorktreeCreate said {path}, which is no folder.")
    return path


def _texts(value: object) -> tuple[str, ...]:
    return (str(value)[:LONGEST],) if value else ()


def together(verdicts: list[Verdict]) -> Verdict:
    """What several say, those that are obeyed first before the others: the strictest decision and
    its first reason, everything for the model and the person, and of rewritten arguments the last
    ones, with a word that there were several."""
    rank = {"deny": 3, "ask": 2, "allow": 1, "": 0}
    if not verdicts:
        return SILENT
    strictest = max(verdicts, key=lambda one: rank[one.decision])
    rewritten = [one.updated_input for one in verdicts if one.updated_input is not None]
    outputs = [one.updated_output for one in verdicts if one.updated_output is not None]
    merged: dict[str, Any] = {}
    for one in verdicts:
        merged |= one.said
    messages = [text for one in verdicts for text in one.messages]
    if len(rewritten) > 1:
        messages.append(f"{len(rewritten)} hooks changed the same call; the last one counts.")
    return Verdict(
        decision=strictest.decision,
        reason=strictest.reason,
        context=tuple(text for one in verdicts for text in one.context),
        messages=tuple(messages),
        stop=next((one.stop for one in verdicts if one.stop is not None), None),
        updated_input=rewritten[-1] if rewritten else None,
        updated_output=outputs[-1] if outputs else None,
        said=merged,
    )
