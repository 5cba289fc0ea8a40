"""Jobs on screen: listed in the dock, counted in the last row, looked at, stopped, copied."""

from __future__ import annotations

from ion_core.events import JobEnded, JobStarted, TurnEnded
from ion_core.ids import CallId
from ion_core.messages import ToolCall
from tests.tui.conftest import Show, Stage

SERVER, SUITE = "python3 -m http.server 8000", "pytest -q tests/slow"


async def two_jobs(show: Show) -> None:
    """A server that runs and a test run that failed."""
    session = show.session
    await session.submit("Start the server and the slow tests")
    for job, command in (("1", SERVER), ("2", SUITE)):
        await session.emit(JobStarted(job=job, call=CallId(f"c{job}"), command=command))
    await session.emit(
        JobEnded(job="2", status="failed", exit_code=1, duration_ms=4_200, tail="E  boom")
    )
    await show.settle()


async def test_jobs_are_listed_with_how_they_are_and_how_long_they_took(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await two_jobs(show)
        show.clock.now += 64
        await show.press("ctrl+x", "3")
        assert f"◐ 1  {SERVER}" in show.text
        assert "1m 04s" in show.text
        assert f"✗ 2  {SUITE}" in show.text
        assert "exit 1  4.2s" in show.text
        assert "1 running  1 ended" in show.text


async def test_the_tab_and_the_last_row_count_what_runs(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await two_jobs(show)
        assert "Jobs 1" in show.row(0)
        assert "1 job " in show.row(49)
        await show.session.stop_job("1")
        await show.settle()
        assert "Jobs 1" not in show.row(0)
        assert "job" not in show.row(49)


async def test_a_job_is_stopped_with_x_and_then_no_timer_runs(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await two_jobs(show)
        await show.press("ctrl+x", "3", "up", "x")
        assert ("stop_job", "1") in show.session.asked
        await show.settle()
        assert f"■ 1  {SERVER}" in show.text
        assert show.screen.dock.stop._timer is None  # type: ignore[attr-defined]


async def test_what_has_ended_is_not_stopped(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await two_jobs(show)
        await show.press("ctrl+x", "3", "down", "x")
        assert not [asked for asked in show.session.asked if asked[0] == "stop_job"]


async def test_from_the_prompt_the_leader_stops_the_only_job_that_runs(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await two_jobs(show)
        await show.press("ctrl+x", "x")
        assert ("stop_job", "1") in show.session.asked


async def test_enter_shows_the_output_as_it_grows(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        await two_jobs(show)
        show.session.written["1"] = "Serving on \x1b[1mport 8000\x1b[0m"
        await show.press("ctrl+x", "3", "up", "enter")
        assert "Serving on port 8000" in show.text
        assert "running" in show.text
        show.session.written["1"] += "\nGET / 200"
        await show.pilot.pause(1.2)
        assert "GET / 200" in show.text
        await show.press("escape")
        assert "GET / 200" not in show.text
        assert show.screen.dock.has_focus_within


async def test_of_a_job_that_ended_the_end_of_its_output_is_shown(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await two_jobs(show)
        await show.press("ctrl+x", "3", "down", "enter")
        assert "E  boom" in show.text
        assert "failed with exit 1" in show.text


async def test_slash_jobs_goes_there_and_says_what_it_is_for(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await show.type("/jobs")
        await show.press("enter")
        assert "No job runs." in show.text
        await show.press("q")
        assert show.prompt.has_focus


async def test_the_running_command_goes_to_the_background(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        call = ToolCall(id=CallId("c9"), name="bash", arguments={"command": SUITE})
        await show.session.submit("go")
        await show.press("ctrl+x", "B")
        assert "No command runs" in show.toasts
        await show.session.answer(call)
        await show.session.begin(call, SUITE)
        await show.settle()
        await show.press("ctrl+x", "B")
        assert ("background", "c9") in show.session.asked


async def test_a_session_whose_job_runs_stays_open_out_of_sight(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        await two_jobs(show)
        first = show.session
        await first.emit(TurnEnded(reason="done"))
        await show.press("ctrl+x", "n")
        assert not first.closed
        await first.stop_job("1")
        await show.settle()
        assert first.closed
