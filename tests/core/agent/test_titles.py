"""The title that a small model gives a session of the app after its first turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ion_core.agent.session import Session
from ion_core.agent.small_model import small_models
from ion_core.providers.base import ModelInfo
from ion_core.runtime import Runtime
from ion_core.usage import Price

ANSWER = {"text": "It reads too much.", "usage": {"input": 10, "output": 5}}
TITLE = {"text": '"Slow lexer reads too much."\n', "usage": {"input": 40, "output": 6}}
CONFIG = """\
model = "play/script"
small_model = "{small}"
{more}
[providers.play]
protocol = "scripted"
base_url = "{home}/play.json"
[providers.small]
protocol = "scripted"
base_url = "{home}/small.json"
[providers.small.models.namer]
price = {{ input = 1.0, output = 2.0 }}
"""


@asynccontextmanager
async def session(
    tmp_path: Path,
    ion_home: Path,
    names: list[dict[str, Any]],
    *,
    small: str = "small/namer",
    more: str = "",
    interactive: bool = True,
) -> AsyncIterator[tuple[Runtime, Session]]:
    """A new session whose models play what is given."""
    ion_home.mkdir(exist_ok=True)
    (ion_home / "play.json").write_text(json.dumps([ANSWER] * 4))
    (ion_home / "small.json").write_text(json.dumps(names))
    config = CONFIG.format(home=ion_home, small=small, more=more)
    (ion_home / "config.toml").write_text(config)
    async with Runtime(tmp_path, interactive=interactive, trusted=True) as runtime:
        yield runtime, await runtime.open()


async def said(session: Session, text: str) -> None:
    await session.submit(text)
    await session.idle()


async def named(session: Session, title: str) -> None:
    """Wait until that is its title."""
    async with asyncio.timeout(20):
        while session.view.title != title:  # noqa: ASYNC110 - a view has no event of its own
            await asyncio.sleep(0.01)


async def asked(runtime: Runtime) -> list[str]:
    """What was paid for."""
    return sorted(f"{spent.purpose} {spent.model}" for spent in await runtime.store.spending())


async def paid(runtime: Runtime, what: str) -> None:
    """Wait until that was paid for."""
    async with asyncio.timeout(20):
        while what not in await asked(runtime):  # noqa: ASYNC110 - it is another task's work
            await asyncio.sleep(0.01)


async def quiet(runtime: Runtime) -> list[str]:
    """What was paid for, once a title that is on its way has had the time to come."""
    await asyncio.sleep(0.3)
    return await asked(runtime)


async def test_a_new_session_is_named_after_its_first_turn(tmp_path: Path, ion_home: Path) -> None:
    async with session(tmp_path, ion_home, [TITLE]) as (runtime, new):
        await said(new, "Why is the lexer slow?")
        await named(new, "Slow lexer reads too much")
        info = await runtime.store.info(new.id)
        assert (info.title, info.title_source) == ("Slow lexer reads too much", "auto")
        assert (info.turns, info.entries) == (1, 2)
        assert await asked(runtime) == ["title small/namer", "turn play/script"]
        (spent,) = [each for each in await runtime.store.spending() if each.purpose == "title"]
        assert (spent.usage.input, spent.usage.output, spent.cost_nano) == (40, 6, 52_000)


async def test_it_is_asked_once(tmp_path: Path, ion_home: Path) -> None:
    async with session(tmp_path, ion_home, [TITLE, TITLE]) as (runtime, new):
        await said(new, "Why is the lexer slow?")
        await named(new, "Slow lexer reads too much")
        await said(new, "And the parser?")
        assert (await quiet(runtime)).count("title small/namer") == 1


async def test_a_persons_own_title_stays(tmp_path: Path, ion_home: Path) -> None:
    slow = {**TITLE, "delay_s": 0.05}
    async with session(tmp_path, ion_home, [slow]) as (runtime, new):
        await said(new, "Why is the lexer slow?")
        await new.rename("Mine")
        await paid(runtime, "title small/namer")
        assert (await runtime.store.info(new.id)).title == new.view.title == "Mine"


@pytest.mark.parametrize(
    "why",
    [
        {"interactive": False},
        {"more": "[sessions]\ntitles = false"},
        {"more": "[limits]\nmax_tokens = 15"},
        {"more": "[limits]\nsession_max_tokens = 15"},
        {"small": ""},
        {"small": "local/anything"},
    ],
    ids=[
        "ion run",
        "a setting",
        "a run's limit",
        "a session's limit",
        "no cheap model",
        "the embedded one",
    ],
)
async def test_nobody_is_asked(tmp_path: Path, ion_home: Path, why: dict[str, Any]) -> None:
    async with session(tmp_path, ion_home, [TITLE], **why) as (runtime, new):
        await said(new, "Why is the lexer slow?")
        assert await quiet(runtime) == ["turn play/script"]
        assert new.view.title == "Why is the lexer slow?"


async def test_a_failure_says_nothing(tmp_path: Path, ion_home: Path) -> None:
    failing = {"error": {"kind": "bad_request", "message": "No such model."}}
    async with session(tmp_path, ion_home, [failing]) as (runtime, new):
        await said(new, "Why is the lexer slow?")
        assert await quiet(runtime) == ["turn play/script"]
        assert new.view.title == "Why is the lexer slow?"
        assert new.view.notices == ()


async def test_leaving_does_not_wait_for_a_title(tmp_path: Path, ion_home: Path) -> None:
    never = {**TITLE, "delay_s": 60.0}
    async with asyncio.timeout(20), session(tmp_path, ion_home, [never]) as (_, new):
        await said(new, "Why is the lexer slow?")


async def test_a_session_that_is_opened_again_is_not_named(tmp_path: Path, ion_home: Path) -> None:
    async with session(tmp_path, ion_home, [TITLE], small="") as (_, new):
        await said(new, "Why is the lexer slow?")
    async with session(tmp_path, ion_home, [TITLE]) as (runtime, _):
        again = await runtime.open(new.id)
        await said(again, "And now?")
        assert "title small/namer" not in await quiet(runtime)


def model(id: str, cost: float | None, **more: Any) -> ModelInfo:
    price = None if cost is None else Price(input=cost, output=cost)
    return ModelInfo(provider="p", id=id, price=price, **more)


def test_the_cheapest_of_the_same_provider_is_chosen() -> None:
    own = model("large", 5)
    known = [own, model("small", 1), model("old", 0.5, deprecated=True), model("unknown", None)]
    assert small_models(own, "", known) == ["p/small", "p/large"]


def test_what_costs_nothing_or_is_of_another_maker_or_dearer_is_not_chosen() -> None:
    own = model("maker/large", 5)
    known = [model("maker/free", 0), model("other/small", 1), model("maker/larger", 9)]
    assert small_models(own, "", [own, *known]) == ["p/maker/large"]


def test_a_persons_choice_is_the_only_one() -> None:
    assert small_models(model("large", 5), "q/mine", [model("small", 1)]) == ["q/mine"]
