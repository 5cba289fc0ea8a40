"""The bash tool, as a model and a person notice it."""

from __future__ import annotations

import asyncio
import os
import stat
import tracemalloc

import pytest
from tools_bench import Bench, Call, gone, until

from ion_core.tools.bash import Bash, BashArgs
from ion_core.tools.launcher import ThreadLauncher


async def test_output_of_a_command_comes_back(call: Call) -> None:
    outcome = await call("bash", command="echo héllo; echo 界 >&2")
    assert (outcome.status, outcome.content) == ("ok", "héllo\n界")
    assert outcome.display.exit_code == 0
    assert outcome.display.target == "echo héllo; echo 界 >&2"


async def test_a_silent_success_says_so(call: Call) -> None:
    assert (await call("bash", command="true")).content == "(no output)"


async def test_a_failing_command_is_an_error_with_its_exit_code(call: Call) -> None:
    outcome = await call("bash", command="echo almost; exit 3")
    assert outcome.status == "error"
    assert outcome.content == "almost\n[exit code 3]"
    assert outcome.display.summary == "exit 3"


async def test_a_command_that_a_signal_ended_names_it(call: Call) -> None:
    outcome = await call("bash", command="kill -SEGV $$")
    assert "SIGSEGV" in outcome.content
    assert outcome.display.exit_code == 139


async def test_a_command_runs_in_the_folder_that_was_asked_for(call: Call, bench: Bench) -> None:
    bench.put("src/a.txt", "x")
    assert (await call("bash", command="pwd", cwd="src")).content == str(bench.root / "src")
    assert (await call("bash", command="pwd")).content == str(bench.root)


@pytest.mark.parametrize("folder", ["..", "/etc", "none"])
def test_a_command_does_not_start_outside(folder: str, bench: Bench) -> None:
    outcome = asyncio.run(bench.call("bash", command="touch made", cwd=folder))
    assert outcome.status == "error"
    assert "not started" in outcome.content


async def test_a_command_cannot_wait_for_input(call: Call) -> None:
    outcome = await call("bash", command="cat; read x || echo nobody answers", timeout_s=20)
    assert outcome.content == "nobody answers"


async def test_keys_of_the_person_do_not_reach_a_command(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "GITHUB_TOKEN", "AWS_PROFILE", "LD_LIBRARY_PATH", "MY_THING"):
        monkeypatch.setenv(name, "sesame")
    outcome = await call("bash", command="env")
    assert "sesame" not in outcome.content
    assert "TERM=dumb" in outcome.content


async def test_a_time_limit_stops_everything_and_keeps_what_was_said(
    call: Call, bench: Bench
) -> None:
    command = "setsid sleep 60 & echo $! > away; sleep 60 & echo $! > near; echo begun; sleep 60"
    outcome = await call("bash", command=command, timeout_s=1)
    assert outcome.status == "error"
    assert outcome.content.startswith("begun\n[stopped: it did not end within 1 s")
    pids = [int((bench.root / name).read_text()) for name in ("away", "near")]
    await gone(*pids)


async def test_cancelled_bash_leaves_no_child_process(bench: Bench) -> None:
    script = (
        "trap '' TERM; setsid sleep 60 & echo $! >> pids; sleep 60 & echo $! >> pids;"
        "echo $$ >> pids; touch done; sleep 60; sleep 60"
    )
    running = asyncio.ensure_future(bench.call("bash", command=script))
    await until((bench.root / "done").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await gone(*map(int, (bench.root / "pids").read_text().split()))


async def test_a_background_process_neither_holds_up_the_call_nor_stays(
    call: Call, bench: Bench
) -> None:
    async with asyncio.timeout(20):
        outcome = await call("bash", command="sleep 60 & echo $! > pid; echo started")
    assert outcome.status == "ok"
    assert outcome.content.startswith("started\n")
    assert "background" in outcome.content
    await gone(int((bench.root / "pid").read_text()))


async def test_output_is_shown_while_the_command_runs(call: Call, bench: Bench) -> None:
    running = asyncio.ensure_future(
        call("bash", command="echo one; while [ ! -e go ]; do sleep 0.02; done; echo two")
    )
    await until(lambda: bench.shown)
    assert bench.shown == ["one\n"]
    bench.put("go", "")
    assert (await running).content == "one\ntwo"
    assert "".join(bench.shown) == "one\ntwo\n"


async def test_long_output_is_cut_in_the_middle_and_kept_on_disk(call: Call, bench: Bench) -> None:
    outcome = await call("bash", command="seq 1 100000")
    assert len(outcome.content) <= 30_000
    assert outcome.content.startswith("1\n2\n3\n")
    assert outcome.content.endswith("\n99999\n100000")
    assert str(bench.spill) in outcome.content
    assert bench.spill.read_text().splitlines() == [str(n) for n in range(1, 100_001)]
    assert stat.S_IMODE(bench.spill.stat().st_mode) == 0o600


async def test_short_output_makes_no_file(call: Call, bench: Bench) -> None:
    await call("bash", command="seq 1 100")
    assert not bench.spill.parent.exists()


async def test_ten_megabytes_of_output_do_not_stay_in_memory(call: Call, bench: Bench) -> None:
    tracemalloc.start()
    try:
        outcome = await call("bash", command="yes 0123456789abcdef | head -c 10000000")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert bench.spill.stat().st_size == 10_000_000
    assert len(outcome.content) <= 30_000
    assert peak < 8_000_000
    assert len("".join(bench.shown)) < 10_000_000


async def test_colours_and_progress_bars_are_not_for_the_model(call: Call) -> None:
    outcome = await call("bash", command=r"printf '\033[31mred\033[0m\n10%%\r50%%\r100%%\n\a'")
    assert outcome.content == "red\n100%"


async def test_bytes_that_are_no_text_do_no_harm(call: Call) -> None:
    outcome = await call("bash", command=r"printf 'a\377b\0c'; printf '\xe7\x95'")
    assert outcome.content == "a\ufffdbc\ufffd"


@pytest.mark.parametrize("command", ["echo a\0b", "echo \ud800"])
async def test_a_command_that_no_shell_can_take_is_answered(call: Call, command: str) -> None:
    outcome = await call("bash", command=command)
    assert outcome.status == "error"


async def test_a_deleted_workspace_is_answered(call: Call, bench: Bench) -> None:
    bench.root.rmdir()
    assert (await call("bash", command="true")).status == "error"


async def test_commands_do_not_see_each_other(call: Call) -> None:
    await call("bash", command="export LEFT=behind; cd /")
    outcome = await call("bash", command="echo ${LEFT:-nothing}; pwd")
    assert outcome.content.startswith("nothing\n")
    assert not outcome.content.endswith("\n/")


async def test_the_process_that_calls_keeps_its_own_folder_and_group(call: Call) -> None:
    before = os.getcwd(), os.getpgid(0)
    await call("bash", command="cd /; kill 0", cwd=".")
    assert (os.getcwd(), os.getpgid(0)) == before


async def test_a_command_that_never_stops_writing_is_stopped(
    bench: Bench, launcher: ThreadLauncher
) -> None:
    bash = Bash(launcher, output_limit_bytes=1_000_000)
    outcome = await bash.run(BashArgs(command="echo $$ > pid; yes"), bench.context)
    assert outcome.status == "error"
    assert "[stopped: it wrote more output than can be kept]" in outcome.content
    assert bench.spill.stat().st_size == 1_000_000
    await gone(int((bench.root / "pid").read_text()))


async def test_output_that_cannot_be_kept_stops_the_command(call: Call, bench: Bench) -> None:
    bench.spill.parent.write_text("a file where the folder should be")
    outcome = await call("bash", command="echo $$ > pid; yes")
    assert outcome.status == "error"
    assert "could not be kept" in outcome.content
    await gone(int((bench.root / "pid").read_text()))


async def test_what_is_about_to_end_is_left_to_end(call: Call, bench: Bench) -> None:
    outcome = await call("bash", command="echo x > >(cat > copy)")
    assert "background" not in outcome.content
    assert (bench.root / "copy").read_text() == "x\n"
