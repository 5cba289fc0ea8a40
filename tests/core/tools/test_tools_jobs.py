"""Commands in the background, as a model and a person notice them."""

from __future__ import annotations

import asyncio

import pytest
from jobs_floor import Floor, a_floor
from tools_bench import Bench, alive, gone, until

from ion_core.errors import NoSuchJob
from ion_core.events import JobEnded, JobStarted, Notice
from ion_core.ids import CallId
from ion_core.tools.launcher import ThreadLauncher

SERVER = """
import socketserver, sys
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline().upper())
        print("served", flush=True)
server = socketserver.TCPServer(("127.0.0.1", 0), Echo)
print("port", server.server_address[1], flush=True)
server.serve_forever()
"""


async def test_a_server_goes_on_while_the_model_works(floor: Floor) -> None:
    floor.bench.put("server.py", SERVER)
    begun = await floor.begin("echo $$ > pid; exec python3 server.py")
    assert begun.status == "ok"
    assert begun.content.startswith("Job 1 runs in the background")
    said = begun.content if "port" in begun.content else await floor.said(1, "port")
    port = int(said.partition("port ")[2].split()[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    assert await reader.readline() == b"HELLO\n"
    writer.close()
    assert "served" in await floor.said(1, "served")
    stopped = await floor.job("stop", 1)
    assert "[job 1 ended: stopped, after" in stopped.content
    await gone(floor.pid())
    assert [type(event) for event in floor.told] == [JobStarted, JobEnded]
    assert floor.reported == []


async def test_what_is_typed_reaches_the_command(floor: Floor) -> None:
    await floor.begin('while read -r line; do echo "you said $line"; done; echo over')
    answer = await floor.job("input", 1, "a b")
    assert answer.content.startswith("Typed.\nyou said a b\n[job 1 runs")
    last = await floor.job("input", 1, "c\n\x04")
    assert "Its input is closed now." in last.content
    said = last.content
    if "over" not in said:
        said += await floor.said(1, "over")
    assert "you said c" in said


async def test_nothing_can_be_typed_to_what_has_ended(floor: Floor) -> None:
    await floor.begin("read x; exit 3")
    await floor.job("input", 1, "go")
    await until(lambda: floor.jobs.find("1").ended)
    outcome = await floor.job("input", 1, "go")
    assert outcome.status == "error"
    assert outcome.content == "Job 1 has ended.\n[exit code 3]"


async def test_long_input_that_nobody_reads_yet_is_not_lost(floor: Floor) -> None:
    await floor.begin("while [ ! -e go ]; do sleep 0.02; done; wc -c")
    typing = asyncio.ensure_future(floor.job("input", 1, "x" * 300_000 + "\x04"))
    await asyncio.sleep(0)
    floor.bench.put("go", "")
    said = (await typing).content
    assert "300000" in said or "300000" in await floor.said(1, "300000")


async def test_output_is_given_once(floor: Floor) -> None:
    begun = await floor.begin("echo one; read x; echo two; read y")
    assert begun.content.endswith("Output so far:\none")
    answer = await floor.job("input", 1, "")
    assert "two" in answer.content
    assert "one" not in answer.content
    assert floor.jobs.find("1").output() == "one\ntwo"


async def test_a_job_that_fails_at_once_is_an_ordinary_failure(floor: Floor) -> None:
    outcome = await floor.begin("echo no such port; exit 4")
    assert outcome.status == "error"
    assert outcome.content == "no such port\n[exit code 4]"
    assert outcome.display.summary == "exit 4"
    assert floor.reported == []


async def test_a_job_that_ends_later_is_reported_once(floor: Floor) -> None:
    await floor.begin("while [ ! -e go ]; do sleep 0.02; done; echo bye; exit 2")
    floor.bench.put("go", "")
    await until(lambda: floor.reported)
    assert floor.reported == ["1"]
    ended = floor.told[-1]
    assert isinstance(ended, JobEnded)
    assert (ended.status, ended.exit_code, ended.tail) == ("failed", 2, "bye")
    outcome = await floor.job("output", 1)
    assert outcome.content.startswith("bye\n[job 1 ended: exit 2, after")
    assert outcome.content.endswith("[exit code 2]")


async def test_who_waits_for_the_end_is_not_told_of_it_again(floor: Floor) -> None:
    await floor.begin("while [ ! -e go ]; do sleep 0.02; done")
    waiting = asyncio.ensure_future(floor.job("output", 1))
    await asyncio.sleep(0)
    floor.bench.put("go", "")
    assert "[job 1 ended: exit 0" in (await waiting).content
    assert floor.reported == []


async def test_a_running_command_can_be_moved(floor: Floor) -> None:
    command = "echo $$ > pid; echo one; while [ ! -e go ]; do sleep 0.02; done; echo two; read x"
    running = asyncio.ensure_future(floor.run(floor.bash, command=command, timeout_s=5))
    await until(lambda: floor.bench.shown)
    floor.jobs.move(CallId("call-1"))
    moved = await running
    assert moved.status == "ok"
    assert moved.content.startswith("Job 1 runs in the background: the person moved it there")
    assert moved.content.endswith("Output so far:\none")
    assert moved.display.summary == "job 1"
    assert alive(floor.pid())
    floor.bench.put("go", "")
    await until(lambda: floor.reported)
    assert (await floor.job("output", 1)).content.startswith("two\n[job 1 ended")
    assert floor.jobs.find("1").output() == "one\ntwo"


async def test_a_moved_command_has_no_input(floor: Floor) -> None:
    command = "echo one; while [ ! -e go ]; do sleep 0.02; done"
    running = asyncio.ensure_future(floor.run(floor.bash, command=command))
    await until(lambda: floor.bench.shown)
    floor.jobs.move(CallId("call-1"))
    await running
    assert "began without input" in (await floor.job("input", 1, "x")).content


async def test_what_does_not_run_cannot_be_moved(floor: Floor) -> None:
    await floor.run(floor.bash, command="true")
    for call in ("call-1", "call-7"):
        with pytest.raises(NoSuchJob):
            floor.jobs.move(CallId(call))


async def test_a_long_command_is_offered_to_be_moved(
    bench: Bench, launcher: ThreadLauncher
) -> None:
    async with a_floor(bench, launcher, present=True, hint_s=0.0) as floor:
        command = "while [ ! -e go ]; do sleep 0.02; done"
        running = asyncio.ensure_future(floor.run(floor.bash, command=command))
        await until(lambda: floor.told)
        bench.put("go", "")
        await running
        assert [type(event) for event in floor.told] == [Notice]


async def test_the_list_tells_how_each_stands(floor: Floor) -> None:
    assert (await floor.job("list")).content.startswith("No command runs")
    await floor.begin("sleep 60")
    await floor.begin("exit 3")
    await floor.begin("sleep 61")
    await floor.job("stop", 3)
    lines = [line.partition(" (")[0] for line in (await floor.job("list")).content.splitlines()]
    assert lines == ["1 running", "2 exit 3", "3 stopped"]


async def test_one_job_need_not_be_named(floor: Floor) -> None:
    await floor.begin("sleep 60")
    assert "[job 1 ended: stopped" in (await floor.job("stop")).content
    await floor.begin("sleep 60")
    outcome = await floor.job("stop")
    assert outcome.status == "error"
    assert outcome.content == "Say which job by its id: 1 (sleep 60), 2 (sleep 60)."
