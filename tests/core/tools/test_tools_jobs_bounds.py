"""Nothing of a job is left behind, and none takes more than its share."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest
from jobs_floor import Floor, a_floor
from tools_bench import Bench, alive, gone, until

from ion_core.entries import Entry
from ion_core.events import JobEnded
from ion_core.ids import CallId, entry_id
from ion_core.messages import ToolResult, answered
from ion_core.tools.jobs import MOST_ENDED
from ion_core.tools.launcher import ThreadLauncher


async def test_a_stopped_job_leaves_nobody_of_its_family(floor: Floor) -> None:
    script = (
        "trap '' TERM; setsid sleep 60 & echo $! > away; sleep 60 & echo $! > near; "
        "echo $$ > pid; echo ready; sleep 60; sleep 60"
    )
    begun = await floor.begin(script)
    if "ready" not in begun.content:
        await floor.said(1, "ready")
    await floor.jobs.stop("1")
    await gone(floor.pid(), floor.pid("near"), floor.pid("away"))
    assert floor.reported == ["1"]


async def test_closing_ends_every_job_and_begins_none(floor: Floor) -> None:
    for name in ("a", "b"):
        await floor.begin(f"echo $$ > {name}; echo ready; sleep 60")
    await until(lambda: all((floor.bench.root / name).exists() for name in ("a", "b")))
    await floor.jobs.aclose()
    assert not any(alive(floor.pid(name)) for name in ("a", "b"))
    assert [event.status for event in floor.told if isinstance(event, JobEnded)] == ["stopped"] * 2
    await floor.begin("echo $$ > late; sleep 60")
    assert floor.jobs.running == ()
    assert floor.reported == []


async def test_a_cancelled_call_leaves_no_job(floor: Floor) -> None:
    beginning = asyncio.ensure_future(floor.begin("echo $$ > pid; sleep 60"))
    await until(lambda: (floor.bench.root / "pid").exists() and floor.jobs.running)
    beginning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beginning
    await until(lambda: not floor.jobs.running)
    await gone(floor.pid())


async def test_ten_megabytes_of_a_job_do_not_stay_in_memory(floor: Floor) -> None:
    tracemalloc.start()
    try:
        wait = "while [ ! -e go ]; do sleep 0.02; done"
        await floor.begin(f"{wait}; yes 0123456789abcdef | head -c 10000000; echo done; read x")
        floor.bench.put("go", "")
        job = floor.jobs.find("1")
        await until(lambda: job.output().endswith("done"))
        seen = await floor.job("output", 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    spill = floor.bench.spill.with_name("call-1.txt")
    await floor.jobs.aclose()
    assert spill.stat().st_size == 10_000_005
    assert len(seen.content) <= 30_000
    assert len(job.output()) <= 30_000
    assert peak < 8_000_000


async def test_a_job_that_never_stops_writing_is_stopped(
    bench: Bench, launcher: ThreadLauncher
) -> None:
    async with a_floor(bench, launcher, output_limit_bytes=1_000_000) as floor:
        await floor.begin("echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done; yes")
        bench.put("go", "")
        await until(lambda: floor.reported)
        ended = await floor.job("output", 1)
        assert "it wrote more output than can be kept" in ended.content
        assert bench.spill.with_name("call-1.txt").stat().st_size == 1_000_000
        await gone(floor.pid())


async def test_output_that_cannot_be_kept_ends_the_job(floor: Floor) -> None:
    floor.bench.spill.parent.write_text("a file where the folder should be")
    await floor.begin("echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done; yes")
    floor.bench.put("go", "")
    await until(lambda: floor.reported)
    assert "could not be kept" in (await floor.job("output", 1)).content
    await gone(floor.pid())


async def test_no_more_than_eight_run_together(floor: Floor) -> None:
    await asyncio.gather(*(floor.begin("sleep 60") for _ in range(8)))
    outcome = await floor.begin("sleep 60")
    assert outcome.status == "error"
    assert "8 jobs run already" in outcome.content
    await floor.job("stop", 3)
    assert (await floor.begin("sleep 60")).content.startswith("Job 9 ")


async def test_jobs_of_an_ion_that_ended_are_no_more(
    bench: Bench, launcher: ThreadLauncher
) -> None:
    result = ToolResult(
        call=CallId("c1"), name="bash", status="ok", content="Job 4 runs in the background: see"
    )
    past = [Entry(id=entry_id(1), parent=None, at=1.0, body=answered(result))]
    async with a_floor(bench, launcher, entries=lambda: past) as floor:
        outcome = await floor.job("output", 4)
        assert outcome.content == "Job 4 is no more: it ended long ago, or with ion."
        assert (await floor.job("output", 5)).content == "There is no job 5. Running: none."
        assert (await floor.begin("sleep 60")).content.startswith("Job 5 ")


async def test_only_the_latest_of_many_are_remembered(floor: Floor) -> None:
    for _ in range(MOST_ENDED + 3):
        await floor.begin("true")
    await until(lambda: len(floor.jobs.known) == MOST_ENDED)
    assert floor.jobs.known[0].id == "4"
    assert "is no more" in (await floor.job("output", 1)).content


async def test_without_jobs_nothing_runs_in_the_background(bench: Bench) -> None:
    outcome = await bench.call("bash", command="touch made", background=True)
    assert outcome.status == "error"
    assert not (bench.root / "made").exists()
