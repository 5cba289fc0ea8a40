"""How it looks: three sizes, two themes, a fixed clock. Look at the picture before accepting it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from ion_core.config.schema import Settings, TuiSettings
from ion_core.events import StepStarted
from ion_core.messages import Display, ToolCall
from ion_core.providers.auth.companion import Companion
from ion_core.providers.base import ModelInfo
from ion_core.usage import Price, Usage
from ion_tui.app import IonApp
from tests.fakes.stage import StageRuntime
from tests.fakes.stage_session import Clock, StageSession
from tests.tui.conftest import SHOP, settled

SIZES = {"wide": (200, 50), "medium": (120, 35), "narrow": (80, 24)}

DIFF = """--- a/app.py
+++ b/app.py
@@ -8,7 +8,7 @@
         try:
             return get(url)
         except TimeoutError:
-            time.sleep(1)
-    return None
+            time.sleep(min(2 ** n, 30))
+    raise TimeoutError(url)
 
 
 def total(items):
"""
OUTPUT = """Traceback (most recent call last):
  File "test_app.py", line 10, in test_total_text
    self.assertEqual(total(["1", "2"]), 3)
TypeError: unsupported operand type(s) for +: 'int' and 'str'

FAILED (errors=1)"""


def call(id: str, name: str, **arguments: str) -> ToolCall:
    return ToolCall(id=id, name=name, arguments=arguments)  # type: ignore[arg-type]


async def play(session: StageSession) -> None:
    """A turn that reads, edits, fails a test and is answering."""
    read, edit = call("c1", "read", path="app.py"), call("c2", "edit", path="app.py")
    test = call("c3", "bash", command="python3 -m unittest -q")
    await session.submit("Make fetch() back off and raise after the last try, then run the tests")
    await session.answer("I'll look at the code first.", read, usage=Usage(input=8_200, output=120))
    await session.begin(read, "app.py")
    await session.settle(read, "", Display(target="app.py", summary="64 lines", duration_ms=12))
    session.clock.now += 3
    await session.answer(edit, usage=Usage(input=900, output=90, cache_read=8_000))
    await session.begin(edit, "app.py")
    shown = Display(target="app.py", summary="+2 −2", diff=DIFF, duration_ms=8)
    await session.settle(edit, "", shown)
    session.clock.now += 5
    await session.answer(
        "And the tests.", test, usage=Usage(input=900, output=40, cache_read=9_000)
    )
    await session.begin(test, "python3 -m unittest -q")
    shown = Display(target="python3 -m unittest -q", exit_code=1, output=OUTPUT, duration_ms=4_200)
    await session.settle(test, "", shown, ok=False)
    await session.emit(StepStarted(step=4, model="mock/test-model"))
    await session.write("`fetch()` now backs off and raises. **One test still fails:** `total()`")
    await session.follow_up("then update the docs")


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    """The tool log shows the time of day."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def app(theme: str, session: str = "") -> tuple[IonApp, StageRuntime]:
    settings = Settings(tui=TuiSettings(theme=theme, reduced_motion=True))
    clock = Clock()
    runtime = StageRuntime(SHOP, clock, settings)
    for id, title, age_s in (
        ("s1", "Back off on timeout", 120),
        ("s2", "Docs pass", 10_800),
        ("s3", "Release notes for the next version", 100_000),
        ("s4", "Old idea", 4_000_000),
    ):
        runtime.keep(id, title, age_s)

    async def factory() -> StageRuntime:
        return runtime

    made = IonApp(factory, folder=SHOP, session=session, clock=clock, version="1.2.3")  # type: ignore[arg-type]
    return made, runtime


@pytest.mark.parametrize("theme", ["ion-dark", "ion-light"])
@pytest.mark.parametrize("size", SIZES)
def test_a_turn_looks_like_this(snap_compare: Callable[..., bool], size: str, theme: str) -> None:
    shown, runtime = app(theme, "s1")

    async def turn(pilot: Pilot[Any]) -> None:
        await shown.runtime()
        await play(runtime.stages["s1"])
        await settled(shown, pilot)

    assert snap_compare(shown, terminal_size=SIZES[size], run_before=turn)


@pytest.mark.parametrize("size", SIZES)
def test_the_first_page_looks_like_this(snap_compare: Callable[..., bool], size: str) -> None:
    shown, _ = app("ion-dark")

    async def ready(pilot: Pilot[Any]) -> None:
        await shown.runtime()
        await settled(shown, pilot)

    assert snap_compare(shown, terminal_size=SIZES[size], run_before=ready)


@pytest.mark.parametrize("keys", ["ctrl+p", "f1", "slash"])
def test_a_list_looks_like_this(snap_compare: Callable[..., bool], keys: str) -> None:
    shown, _ = app("ion-dark")

    async def opened(pilot: Pilot[Any]) -> None:
        await shown.runtime()
        await pilot.press(keys)
        await settled(shown, pilot)

    assert snap_compare(shown, terminal_size=SIZES["medium"], run_before=opened)


MODELS = (
    ModelInfo(
        provider="anthropic",
        id="claude-sonnet-5",
        window=1_000_000,
        vision=True,
        reasoning=True,
        price=Price(input=3.0, output=15.0),
    ),
    ModelInfo(provider="chatgpt", id="gpt-5.6", window=272_000, price=Price(input=0.0, output=0.0)),
    ModelInfo(provider="openai", id="gpt-4", window=8_192, deprecated=True, successor="gpt-5.6"),
    ModelInfo(
        provider="openrouter",
        id="moonshotai/kimi-k3",
        window=262_144,
        reasoning=True,
        price=Price(input=0.075, output=2.5),
    ),
    ModelInfo(provider="work", id="house-70b"),
)


@pytest.mark.parametrize(("size", "theme"), [("wide", "ion-dark"), ("narrow", "ion-light")])
def test_the_models_look_like_this(
    snap_compare: Callable[..., bool], size: str, theme: str
) -> None:
    shown, runtime = app(theme)
    runtime.listed, runtime.model = list(MODELS), "anthropic/claude-sonnet-5"
    runtime.favourites, runtime.recent = ("openrouter/moonshotai/kimi-k3",), ["work/house-70b"]

    async def opened(pilot: Pilot[Any]) -> None:
        await shown.runtime()
        await pilot.press("ctrl+x", "m")
        await settled(shown, pilot)

    assert snap_compare(shown, terminal_size=SIZES[size], run_before=opened)


async def confirm(companion: Companion) -> None:
    companion.tell("Open this page in any browser, and enter the code there within 15 minutes.")
    companion.show_link("https://auth.example.com/device", "ABCD-1234")
    await asyncio.Event().wait()


@pytest.mark.parametrize("keys", [(), ("c", "h", "a", "t", "enter", "enter")])
def test_the_first_choice_looks_like_this(
    snap_compare: Callable[..., bool], keys: tuple[str, ...]
) -> None:
    shown, runtime = app("ion-dark")
    runtime.model, runtime.accounts.flows["chatgpt"] = "", confirm

    async def opened(pilot: Pilot[Any]) -> None:
        await shown.runtime()
        await settled(shown, pilot)
        for key in keys:
            await pilot.press(key)
            await settled(shown, pilot)

    assert snap_compare(shown, terminal_size=SIZES["narrow"], run_before=opened)
