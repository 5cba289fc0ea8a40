"""What the commands about jobs do: look at one, stop one, move a running command there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_core.underway import Job
from ion_tui import acts

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_tui.screens.main import MainScreen


def running(screen: MainScreen) -> list[Job]:
    """The jobs of the session on screen that run now."""
    jobs = screen.view.jobs.values() if screen.view else ()
    return [job for job in jobs if job.ended is None]


def stop(screen: MainScreen, job: str) -> None:
    """End a job."""

    async def errand(session: Session) -> None:
        await session.stop_job(job)

    screen.grant(errand)


def stop_one(screen: MainScreen) -> None:
    """End the only job that runs; where there are more, let the person choose."""
    jobs = running(screen)
    if len(jobs) == 1:
        stop(screen, jobs[0].id)
    elif jobs:
        screen.regions.open_tab("jobs")
    else:
        screen.say("No job runs.", "warning")


def background(screen: MainScreen) -> None:
    """Let the command that was started last run on in the background."""
    runs = screen.view.running.values() if screen.view else ()
    commands = [run.call for run in runs if run.name == "bash"]
    if not commands:
        screen.say("No command runs that could go to the background.", "warning")
        return

    async def errand(session: Session) -> None:
        session.background(commands[-1])

    screen.grant(errand)


def show_output(screen: MainScreen, job: str) -> None:
    """A sheet with what a job wrote."""
    bridge = screen.desk.current
    if bridge is None or job not in bridge.view.jobs:
        return
    from ion_tui.screens.job_output import JobOutput  # start-up: who looks at it pays for it

    sheet = JobOutput(
        lambda: bridge.view.jobs[job],
        lambda: bridge.session.job_output(job),
        keymap=screen.keymap,
        place=screen.regions.chat,
        stop=lambda: stop(screen, job),
        copy=lambda text: acts.copy(screen, text),
    )
    screen.app.push_screen(sheet)
