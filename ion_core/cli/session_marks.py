"""``ion sessions tag|pin|unpin|describe|archive|unarchive``: what people keep about a session."""

from __future__ import annotations

import argparse

from ion_core.cli.saying import say
from ion_core.errors import ConfigError
from ion_core.ids import SessionId
from ion_core.sessions.base import Change
from ion_core.sessions.marks import Tag, word
from ion_core.sessions.sqlite import SqliteStore

_CHANGES = {
    "pin": ("list a session first, and never clear it away", Change(pinned=True), "Pinned."),
    "unpin": ("no longer", Change(pinned=False), "No longer pinned."),
    "archive": ("put a session out of sight", Change(archived=True), "Archived."),
    "unarchive": ("bring it back", Change(archived=False), "Back in the list."),
}


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommands."""
    tag = actions.add_parser("tag", help="show, add and remove tags")
    tag.add_argument("id")
    tag.add_argument("tags", nargs=argparse.REMAINDER, metavar="+TAG|-TAG")
    tag.set_defaults(verb=_tag)
    describe = actions.add_parser("describe", help="keep a few words about a session")
    describe.add_argument("id")
    describe.add_argument("text", nargs="*", help="none: forget them")
    describe.set_defaults(verb=_describe)
    for name, (text, _, _) in _CHANGES.items():
        action = actions.add_parser(name, help=text)
        action.add_argument("id")
        action.set_defaults(verb=_change)


async def _tag(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    wishes = [text for text in options.tags if text != "--json"]
    options.json = options.json or "--json" in options.tags
    if bad := [text for text in wishes if text[:1] not in "+-" or len(text) < 2]:
        raise ConfigError(f"Write +{bad[0]} to add a tag or -{bad[0]} to remove it.")
    if wishes:
        marks = [Tag(tag=word(text[1:]), on=text[0] == "+") for text in wishes]
        await store.commit(info.id, *marks)
        info = await store.info(info.id)
    say(options, info, " ".join(f"#{tag}" for tag in info.tags) or "No tags.", tags=info.tags)


async def _describe(store: SqliteStore, options: argparse.Namespace) -> None:
    info, text = await store.info(SessionId(options.id)), " ".join(options.text)
    await store.commit(info.id, Change(description=text))
    say(options, info, "Described." if text else "Forgotten.", description=text)


async def _change(store: SqliteStore, options: argparse.Namespace) -> None:
    info, (_, change, told) = await store.info(SessionId(options.id)), _CHANGES[options.action]
    await store.commit(info.id, change)
    pinned = info.pinned if change.pinned is None else change.pinned
    archived = info.archived if change.archived is None else change.archived
    say(options, info, told, pinned=pinned, archived=archived)
