"""A session's words without secrets, and its structure as it was.

``clean`` is what takes the secrets out of one text. What nobody can read nobody can check:
signatures and the provider's own fields go altogether, so that a redacted session is replayed
without the thoughts that they sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from ion_core.entries import (
    Attachment,
    Body,
    BranchSummary,
    Compaction,
    HookContext,
    Instructions,
    ModeChange,
    ModelChange,
    Offered,
    Pin,
    Prune,
    SkillRun,
    Stub,
    SystemEvent,
    ToolDefinition,
)
from ion_core.messages import Display, Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.sessions.moving.lines import Header

Clean: TypeAlias = Callable[[str], str]

S = TypeVar("S", bound=Struct)


def body(value: Body, clean: Clean) -> Body:
    """The body with each of its texts cleaned."""
    match value:
        case Message():
            parts = tuple(_part(part, clean) for part in value.parts)
            origin = value.origin and texts(value.origin, clean)
            return replace(value, parts=parts, origin=origin)
        case SystemEvent() | BranchSummary() | Pin():
            return replace(value, text=clean(value.text))
        case Instructions() | Attachment():
            return replace(value, source=clean(value.source), text=clean(value.text))
        case SkillRun():
            return texts(value, clean)
        case HookContext():
            return replace(value, text=clean(value.text))
        case Offered():
            return replace(value, tools=tuple(_offered(tool, clean) for tool in value.tools))
        case Compaction():
            said = {name: clean(getattr(value, name)) for name in ("summary", "ledgers", "focus")}
            return replace(value, model=clean(value.model), stubs=_stubs(value, clean), **said)
        case Prune():
            return replace(value, stubs=_stubs(value, clean))
        case ModelChange():
            return replace(value, model=clean(value.model))
        case ModeChange():
            return value
        case _:
            assert_never(value)


def header(value: Header, clean: Clean) -> Header:
    """The header with the session's texts, the labels and the tags cleaned."""
    session = value.session
    told = {
        name: clean(text)
        for name in ("cwd", "git_branch", "title", "description", "preview", "branch")
        if (text := getattr(session, name)) is not None
    }
    return replace(
        value,
        session=replace(session, **told, meta=anything(session.meta, clean)),
        labels=tuple(
            replace(label, label=clean(label.label), note=label.note and clean(label.note))
            for label in value.labels
        ),
        tags=tuple(clean(tag) for tag in value.tags),
        branches=tuple(replace(branch, name=clean(branch.name)) for branch in value.branches),
    )


def anything(value: Any, clean: Clean) -> Any:
    """JSON with each text cleaned, names too."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(name): anything(item, clean) for name, item in value.items()}
        case list() | tuple():
            return [anything(item, clean) for item in value]
        case _:
            return value


def texts(value: S, clean: Clean) -> S:
    """A flat value with each of its texts cleaned."""
    found = {name: getattr(value, name) for name in value.__struct_fields__}
    return replace(
        value, **{name: clean(text) for name, text in found.items() if isinstance(text, str)}
    )


def _stubs(value: Prune | Compaction, clean: Clean) -> tuple[Stub, ...]:
    return tuple(replace(stub, text=clean(stub.text)) for stub in value.stubs)


def _offered(tool: ToolDefinition, clean: Clean) -> ToolDefinition:
    return replace(texts(tool, clean), schema=anything(tool.schema, clean))


def _part(part: Part, clean: Clean) -> Part:
    match part:
        case Text():
            return Text(text=clean(part.text))
        case Reasoning():
            return Reasoning(text=clean(part.text))
        case Image():
            return part
        case ToolCall():
            return replace(
                part,
                arguments=anything(part.arguments, clean),
                malformed=None if part.malformed is None else clean(part.malformed),
                opaque=None,
            )
        case ToolResult():
            return replace(part, content=clean(part.content), display=_display(part.display, clean))
        case _:
            assert_never(part)


def _display(display: Display | None, clean: Clean) -> Display | None:
    return None if display is None else texts(display, clean)
