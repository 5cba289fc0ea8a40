"""``ion stats``: sums of what was really stored."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ion_core.cli.main import main
from ion_core.messages import user
from ion_core.sessions.base import Append, Purpose, Spend
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import an_info

Ion = Callable[..., str]
USAGE = Usage(input=100, output=50, cache_read=300, cache_write=100, reasoning=20)


def spend(
    cost_nano: int | None, *, model: str = "sonnet", purpose: Purpose = "turn", usage: Usage = USAGE
) -> Spend:
    return Spend(
        purpose=purpose, provider="anthropic", model=model, usage=usage, cost_nano=cost_nano
    )


async def store_all(file: Path, *sessions: tuple[str, float, tuple[Spend, ...]]) -> None:
    """Sessions of a project, each with what it paid at a time."""
    for project, at, spends in sessions:
        store = await SqliteStore.open(file, clock=lambda at=at: at)  # type: ignore[misc]
        await store.create(an_info(project=project), [Append(body=user(f"do {project}")), *spends])
        await store.aclose()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ION_HOME", str(tmp_path))
    return tmp_path / "sessions.db"


@pytest.fixture
def ion(file: Path, capsys: pytest.CaptureFixture[str]) -> Ion:
    def call(*words: str) -> str:
        assert main(["stats", *words]) == 0
        return capsys.readouterr().out

    return call


def figures(ion: Ion, *words: str) -> dict[str, Any]:
    value = json.loads(ion("--json", *words))
    assert isinstance(value, dict)
    return value


def test_costs_are_broken_down_by_everything(ion: Ion, file: Path) -> None:
    now = time.time()
    asyncio.run(
        store_all(
            file,
            ("one", now, (spend(2_000_000_000), spend(1, purpose="retry", model="haiku"))),
            ("two", now, (spend(5_000_000_000),)),
        )
    )
    told = figures(ion)
    assert told["since"] is None
    assert told["total"]["requests"] == 3
    assert told["total"]["cost_usd"] == pytest.approx(7.000000001)
    assert (told["total"]["input"], told["total"]["reasoning"]) == (300, 60)
    assert told["total"]["cached"] == 0.6
    assert [(row["model"], row["requests"]) for row in told["by_model"]] == [
        ("anthropic/sonnet", 2),
        ("anthropic/haiku", 1),
    ]
    assert [(row["project"], row["cwd"]) for row in told["by_project"]] == [
        ("two", "/work"),
        ("one", "/work"),
    ]
    assert [row["title"] for row in told["by_session"]] == ["do two", "do one"]
    assert {row["purpose"] for row in told["by_purpose"]} == {"turn", "retry"}


def test_an_unknown_cost_is_never_nothing(ion: Ion, file: Path) -> None:
    spends = (spend(None, model="mystery"), spend(3_000_000_000))
    asyncio.run(store_all(file, ("one", time.time(), spends)))
    told = figures(ion)
    assert told["total"]["cost_usd"] is None
    assert told["total"]["known_cost_usd"] == 3.0
    assert told["total"]["unpriced_requests"] == 1
    lines = ion().splitlines()
    assert next(line for line in lines if line.startswith("so far")).endswith("≥ $3.00")
    assert next(line for line in lines if "mystery" in line).endswith("unknown")
    assert next(line for line in lines if "sonnet" in line).endswith("60%    $3.00")


def test_a_plan_that_costs_nothing_is_shown_as_that(ion: Ion, file: Path) -> None:
    asyncio.run(store_all(file, ("one", time.time(), (spend(0),))))
    assert figures(ion)["total"]["cost_usd"] == 0.0
    assert "$0.00" in ion()


def test_days_look_no_further_back(ion: Ion, file: Path) -> None:
    now = time.time()
    long_ago = ("one", now - 10 * 86_400, (spend(1_000_000_000),))
    asyncio.run(store_all(file, long_ago, ("two", now, (spend(2_000_000_000),))))
    told = figures(ion, "--days", "7")
    assert told["total"]["cost_usd"] == 2.0
    assert told["since"] == pytest.approx(now - 7 * 86_400, abs=60)
    assert figures(ion, "--days", "30")["total"]["cost_usd"] == 3.0


def test_only_the_ten_dearest_sessions_are_listed(ion: Ion, file: Path) -> None:
    now = time.time()
    dear = [("p", now, (spend(number * 1_000_000_000),)) for number in range(12)]
    asyncio.run(store_all(file, *dear))
    rows = figures(ion)["by_session"]
    assert [row["cost_usd"] for row in rows] == [float(n) for n in range(11, 1, -1)]


def test_before_anything_was_asked_there_is_a_sentence(ion: Ion) -> None:
    assert ion() == "Nothing was asked of any model so far.\n"
    assert ion("--days", "2") == "Nothing was asked of any model in the last 2 days.\n"
    told = figures(ion)
    assert (told["total"]["requests"], told["by_model"]) == (0, [])
    assert told["total"]["cached"] is None


def test_thinking_that_nobody_reported_is_unknown(ion: Ion, file: Path) -> None:
    quiet = Usage(input=1, output=1)
    asyncio.run(store_all(file, ("one", time.time(), (spend(1, usage=quiet),))))
    assert figures(ion)["total"]["reasoning"] is None


@pytest.mark.parametrize("days", ["0", "-1", "many"])
def test_days_are_a_number_of_days(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["stats", "--days", days])
    assert ended.value.code == 2
    capsys.readouterr()


@pytest.mark.parametrize("command", ["stats", "models"])
def test_help_imports_no_client(command: str) -> None:
    script = (
        "import sys\n"
        "from ion_core.cli.main import main\n"
        "try:\n"
        f"    main(['{command}', '--help'])\n"
        "except SystemExit:\n"
        "    pass\n"
        "heavy = {'httpx', 'pydantic', 'textual', 'rich', 'h11', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
