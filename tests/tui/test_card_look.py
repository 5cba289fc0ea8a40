"""How the cards look, in both themes. Look at the picture before accepting it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from ion_core.asking import Option, Proposal, Question
from ion_core.config.schema import Settings, TuiSettings
from ion_core.events import ApprovalRequested, QuestionAsked
from ion_core.ids import CallId
from ion_tui.app import IonApp
from tests.fakes.stage import StageRuntime
from tests.fakes.stage_session import Clock
from tests.tui.conftest import SHOP, settled

COMMAND = "git push --force origin main\n# tidy\u202e up\nrm -rf build"
LEAVE = ApprovalRequested(
    call=CallId("a"),
    name="bash",
    target=COMMAND,
    arguments={"command": COMMAND},
    reason="A rule of the settings asks about 'git push *'.",
    effects=("changes a git remote", "deletes files"),
    proposal=Proposal(tool="bash", pattern="git push *"),
    editable=True,
)
QUESTIONS = QuestionAsked(
    call=CallId("q"),
    questions=(
        Question(
            question="Which database shall the shop use?",
            header="Database",
            options=(
                Option(label="SQLite", about="one file, and nothing to look after"),
                Option(label="PostgreSQL", about="a server, many writers; backups to think of"),
            ),
        ),
        Question(
            question="Which pages need tests?",
            header="Tests",
            several=True,
            options=(Option(label="Cart"), Option(label="Checkout", about="money goes through")),
        ),
    ),
)


@pytest.mark.parametrize("theme", ["ion-dark", "ion-light"])
@pytest.mark.parametrize(
    ("asked", "size", "keys"),
    [
        pytest.param(LEAVE, (80, 24), (), id="leave"),
        pytest.param(LEAVE, (48, 14), (), id="leave-low"),
        pytest.param(LEAVE, (80, 24), ("a",), id="rule"),
        pytest.param(QUESTIONS, (80, 24), ("1", "space"), id="questions"),
    ],
)
def test_a_card_looks_like_this(
    snap_compare: Callable[..., bool],
    theme: str,
    asked: ApprovalRequested | QuestionAsked,
    size: tuple[int, int],
    keys: tuple[str, ...],
) -> None:
    clock = Clock()
    settings = Settings(tui=TuiSettings(theme=theme, reduced_motion=True))
    runtime = StageRuntime(SHOP, clock, settings)

    async def factory() -> StageRuntime:
        return runtime

    app = IonApp(factory, folder=SHOP, clock=clock, version="1.2.3")  # type: ignore[arg-type]

    async def show(pilot: Pilot[Any]) -> None:
        await app.runtime()
        session = runtime.stages[app.main.session_id]
        await session.submit("push it")
        await session.answer("I will push the branch now.")
        await session.emit(asked)
        await settled(app, pilot)
        for key in ("", "", *keys):
            clock.now += 0.5
            await pilot.press(*[key] if key else [])
            await pilot.pause(0.25)
        app.main.composer.activity.refresh()  # its seconds are painted once in a while
        await settled(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)
