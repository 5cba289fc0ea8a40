"""How the sidebar looks: the tree, what a search found, and the sheet of a session, at two sizes
and in two themes. Look at the picture before accepting it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from ion_core.config.schema import Settings, TuiSettings
from ion_core.ids import EntryId, SessionId
from ion_core.sessions.base import Hit
from ion_core.trees import Branch
from ion_tui.app import IonApp
from tests.fakes.stage import StageRuntime
from tests.fakes.stage_session import NOON, Clock
from tests.tui.conftest import SHOP, settled

SIZES = {"wide": (200, 50), "narrow": (80, 24)}
SAID = (
    ("s1", "user", "back off when the «parser» waits for more of the stream"),
    ("s1", "assistant", "the «parser» now yields each value as soon as it is whole"),
    ("s2", "tool", "docs/«parser».md: 41 lines"),
)


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    """The sheet shows dates."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def app(theme: str) -> IonApp:
    clock = Clock()
    runtime = StageRuntime(SHOP, clock, Settings(tui=TuiSettings(theme=theme, reduced_motion=True)))
    runtime.keep(
        "s1", "Back off on timeout", 120, tags=("parser",), branches=2, cost_nano=42 * 10**7
    )
    runtime.keep("s2", "Docs pass", 10_800, tags=("docs",), cost_nano=4 * 10**7)
    runtime.keep("s5", "Try a regex", 3_600, kind="fork", parent=SessionId("s1"))
    runtime.keep("s3", "Release notes for the next version", 100_000)
    runtime.keep("s4", "The plan", 4_000_000, pinned=True)
    runtime.keep("s6", "Thrown away", 5_000, deleted_at=NOON)
    runtime.store.known["s1"] = (
        Branch(name="main", tip=EntryId("e1"), moved_at=NOON - 7_000),
        Branch(name="streaming", tip=EntryId("e2"), moved_at=NOON - 120, active=True),
    )
    runtime.store.hits = [
        Hit(
            session=SessionId(session),
            title="Back off on timeout" if session == "s1" else "Docs pass",
            entry=EntryId(f"e{n}"),
            branch="main",
            role=role,
            at=NOON - 3_600 * n,
            snippet=snippet,
            score=1.0,
        )
        for n, (session, role, snippet) in enumerate(SAID, 1)
    ]

    async def factory() -> StageRuntime:
        return runtime

    return IonApp(factory, folder=SHOP, session="s1", clock=clock, version="1.2.3")  # type: ignore[arg-type]


async def at_the_session(shown: IonApp, pilot: Pilot[Any]) -> None:
    await shown.runtime()
    await settled(shown, pilot)
    shown.main.regions.open_sidebar()
    await pilot.press("home", "down", "down", "down", "right")
    await settled(shown, pilot)


@pytest.mark.parametrize("theme", ["ion-dark", "ion-light"])
@pytest.mark.parametrize("size", SIZES)
def test_the_tree_looks_like_this(snap_compare: Callable[..., bool], size: str, theme: str) -> None:
    shown = app(theme)
    assert snap_compare(
        shown, terminal_size=SIZES[size], run_before=lambda pilot: at_the_session(shown, pilot)
    )


@pytest.mark.parametrize("theme", ["ion-dark", "ion-light"])
@pytest.mark.parametrize("size", SIZES)
def test_a_search_looks_like_this(snap_compare: Callable[..., bool], size: str, theme: str) -> None:
    shown = app(theme)

    async def search(pilot: Pilot[Any]) -> None:
        await at_the_session(shown, pilot)
        await pilot.press("slash", *"parser", "down")
        async with asyncio.timeout(10):
            while "3 found" not in str(shown.main.sidebar._heading.visual):
                await pilot.pause(0.05)
        await pilot.press("down")
        await settled(shown, pilot)

    assert snap_compare(shown, terminal_size=SIZES[size], run_before=search)


@pytest.mark.parametrize("size", SIZES)
def test_the_sheet_of_a_session_looks_like_this(
    snap_compare: Callable[..., bool], size: str
) -> None:
    shown = app("ion-dark")

    async def sheet(pilot: Pilot[Any]) -> None:
        await at_the_session(shown, pilot)
        await pilot.press("i")
        await settled(shown, pilot)

    assert snap_compare(shown, terminal_size=SIZES[size], run_before=sheet)
