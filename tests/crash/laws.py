"""What must be true after every death, each law a list of its violations."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from ion_core.context.projector import project
from ion_core.entries import Entry
from ion_core.ids import SessionId
from ion_core.messages import Message
from ion_core.providers.anthropic import AnthropicWire
from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google import GoogleWire
from ion_core.providers.openai_chat import ChatWire
from ion_core.providers.openai_responses import ResponsesWire
from ion_core.sessions.sqlite import SqliteStore
from tests.crash.house import House, Said
from tests.crash.play import GOING_ON, TOKENS
from tests.fakes.rules import assert_obeys, written

WIRES = {
    "anthropic-messages": AnthropicWire,
    "openai-chat": ChatWire,
    "openai-responses": ResponsesWire,
    "google-generate": GoogleWire,
}
FREE = frozenset(("indeterminate",))


def after_death(house: House, killed: Said) -> list[str]:
    """Every law, for a play that was killed: the session is looked at, gone on with, judged."""
    try:
        return list(_after_death(house, killed))
    except AssertionError as error:
        return [str(error) or "an assertion failed"]


def _after_death(house: House, killed: Said) -> Iterator[str]:
    listed = house.sessions()
    if killed.session and killed.acknowledged and not listed:
        yield "no session is left"
    session = killed.session if killed.acknowledged else (listed[0]["session"] if listed else "")
    if session:
        kept = {entry["id"] for entry in house.shown(session)["entries"]}
        yield from lost(killed, kept)
    said = house.gone_on(session)
    if said.code:
        yield f"going on ended with {said.code}: {said.err.strip()[-300:]}"
        return
    shown = house.shown(said.session)["entries"]
    if session:
        yield from lost(killed, {entry["id"] for entry in shown})
    statuses = {row["tool_result"]["call"]: row["tool_result"]["status"] for row in results(shown)}
    yield from twice(house, statuses)
    yield from untrue(house, statuses)
    yield from unsaid(shown)
    yield from illegal(asyncio.run(path_of(house, said.session)))


def results(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in shown if "tool_result" in row]


def lost(killed: Said, kept: set[str]) -> Iterator[str]:
    """Every acknowledged row is there."""
    missing = [entry for entry in killed.acknowledged if entry not in kept]
    if missing:
        yield f"acknowledged and lost: {', '.join(missing)}"


def twice(house: House, statuses: dict[str, str]) -> Iterator[str]:
    """No command ran twice, none ran that was not intended, and none is told falsely."""
    ran = (house.written(TOKENS) or "").split()
    for call in house.play.commands:
        times, status = ran.count(call), statuses.get(call)
        if times > 1:
            yield f"{call} ran {times} times"
        elif times == 1 and status not in ("ok", "indeterminate"):
            yield f"{call} ran, and its result is {status}"
        elif times == 0 and status == "ok":
            yield f"{call} did not run, and its result is ok"


def untrue(house: House, statuses: dict[str, str]) -> Iterator[str]:
    """Each file is as the results of its changes say."""
    for path in dict.fromkeys(change.path for change in house.play.changes):
        content: str | None = None
        known = True
        for change in (each for each in house.play.changes if each.path == path):
            status = statuses.get(change.call)
            known = (known or status == "ok") and status not in FREE
            content = change.after if status == "ok" else content
        if known and house.written(path) != content:
            yield f"{path} is {house.written(path)!r}, and the results say {content!r}"


def unsaid(shown: list[dict[str, Any]]) -> Iterator[str]:
    """Where a result is not known, people are told so."""
    unknown = any(row["tool_result"]["status"] == "indeterminate" for row in results(shown))
    told = any(row["kind"] == "system_event" and "ion ended" in row["text"] for row in shown)
    if unknown and not told:
        yield "an outcome is unknown, and nobody was told"


def illegal(entries: list[Entry]) -> Iterator[str]:
    """The history is one that all four protocols accept: that of the last answer's request."""
    last = entries[-1].body
    if not isinstance(last, Message) or last.role != "assistant" or last.text != GOING_ON:
        yield f"the session ends with {last!r}"[:200]
        return
    model = ModelInfo(provider="p", id="m", window=200_000, max_output=8_000)
    request = project(entries[:-1], system="s", tools=(), model=model)
    for protocol, wire in WIRES.items():
        endpoint = Endpoint(name="p", base_url="http://127.0.0.1", protocol=protocol)
        try:
            assert_obeys(protocol, written(wire(endpoint), request))
        except (AssertionError, KeyError, ValueError) as error:
            yield f"{protocol} would not accept it: {type(error).__name__}: {str(error)[:200]}"


async def path_of(house: House, session: str) -> list[Entry]:
    store = await SqliteStore.open(house.file)
    try:
        return await store.path(SessionId(session))
    finally:
        await store.aclose()
