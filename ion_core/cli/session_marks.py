"""``ion sessions rename|tag|describe|pin|archive|delete|…``: what people keep about a session."""

from __future__ import annotations

import argparse

from ion_core.cli.saying import say
from ion_core.errors import ConfigError
from ion_core.ids import SessionId
from ion_core.sessions.base import Change
from ion_core.sessions.marks import Tag, word
from ion_core.sessions.sqlite import SqliteStore

_CHANGES = {
    "pin": (Change(pinned=True), "Pinned."),
    "unpin": (Change(pinned=False), "No longer pinned."),
    "archive": (Change(archived=True), "Archived."),
    "unarchive": (Change(archived=False), "Back in the list."),
}

LONGEST_TITLE = 300


async def rename(store: SqliteStore, options: argparse.Namespace) -> None:
    """Give a session the title that a person wants."""
    info = await store.info(SessionId(options.id))
    title = " ".join(" ".join(options.title).split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise ConfigError(f"A session needs a title of 1 to {LONGEST_TITLE} characters.")
    await store.commit(info.id, Change(title=title, title_source="user"))
    say(options, info, f"Renamed to {title!r}.", title=title)


async def tag(store: SqliteStore, options: argparse.Namespace) -> None:
    """Add and remove tags, and print those that are there then."""
    info = await store.info(SessionId(options.id))
    wishes = [text for text in options.tags if text != "--json"]
    options.json = options.json or "--json" in options.tags
    if bad := [text for text in wishes if text[:1] not in "+-" or len(text) < 2]:
        raise ConfigError(f"Write +{bad[0]} to add a tag or -{bad[0]} to remove it.")
    if wishes:
        marks = [Tag(tag=word(text[1:]), on=text[0] == "+") for text in wishes]
        await store.commit(info.id, *marks)
        info = await store.info(info.id)
    say(options, info, " ".join(f"#{each}" for each in info.tags) or "No tags.", tags=info.tags)


async def describe(store: SqliteStore, options: argparse.Namespace) -> None:
    """Keep a few words about a session; none forget those that were kept."""
    info, text = await store.info(SessionId(options.id)), " ".join(options.text)
    await store.commit(info.id, Change(description=text))
    say(options, info, "Described." if text else "Forgotten.", description=text)


async def change(store: SqliteStore, options: argparse.Namespace) -> None:
    """Pin or archive a session, or no longer."""
    info, (wish, told) = await store.info(SessionId(options.id)), _CHANGES[options.action]
    await store.commit(info.id, wish)
    pinned = info.pinned if wish.pinned is None else wish.pinned
    archived = info.archived if wish.archived is None else wish.archived
    say(options, info, told, pinned=pinned, archived=archived)


async def delete(store: SqliteStore, options: argparse.Namespace) -> None:
    """Put a session into the trash."""
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, Change(deleted=True))
    say(options, info, f"Deleted. Bring it back: ion sessions restore {info.id}", deleted=True)


async def restore(store: SqliteStore, options: argparse.Namespace) -> None:
    """Take a session out of the trash."""
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, Change(deleted=False))
    say(options, info, "Restored.", deleted=False)
