"""Hooks as programs that really run, by the protocol that Claude Code documents."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ion_core.config.extension_schema import HookSettings
from ion_core.errors import NoSuchJob
from ion_core.hooks.base import EVENTS, OWN, Occasion, Scene, Verdict
from ion_core.hooks.names import claude_input, fits, matches, own_input
from ion_core.hooks.runner import Runner
from ion_core.hooks.spec import HookSpec, specs
from ion_core.tools.launcher import ThreadLauncher

Make = Callable[..., Runner]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Make]:
    """Makes a runner of hooks."""
    launcher = ThreadLauncher()

    def make(*found: HookSpec) -> Runner:
        spawn = asyncio.get_running_loop().create_task
        parts = found, launcher, str(tmp_path), dict(os.environ), spawn, no_tool
        return Runner(*parts, lambda session: tmp_path / "spill" / session)

    yield make
    launcher.close()


async def no_tool(server: str, tool: str, arguments: dict[str, Any]) -> str:
    """The only tool there is: it says no to edits of ``a.py``."""
    if (server, tool) != ("guard", "check"):
        raise NoSuchJob(f"There is no MCP server {server!r}.")
    if arguments.get("file") == "a.py":
        return json.dumps({"decision": "block", "reason": f"{arguments['tool']} of a.py"})
    return "fine"


def hook(line: str, event: str = "PreToolUse", **more: Any) -> HookSpec:
    """A hook that is a line for a shell."""
    return HookSpec(event=event, source="test", argv=(line,), shell=True, **more)


def occasion(folder: Path, event: str = "PreToolUse", tool: str = "edit") -> Occasion:
    given = {"path": "a.py", "edits": [{"old_string": "a", "new_string": "b"}]}
    return Occasion(
        event=event,
        scene=Scene(session="s1", cwd=str(folder), mode="write"),
        matched=tool,
        fields={"tool_name": tool, "tool_input": given, "tool_use_id": "c1"},
        gist="a.py",
    )


async def test_what_is_too_long_is_kept_in_a_file_and_told_in_short(
    runner: Make, tmp_path: Path
) -> None:
    line = "head -c 120000 /dev/zero | tr '\\0' x"
    found = await runner(hook(line, "SessionStart")).run(occasion(tmp_path, "SessionStart", ""))
    [told] = found.context
    assert len(told) < 5_000
    [kept] = (tmp_path / "spill" / "s1").iterdir()
    assert f"[120,000 characters; all of it is in {kept}]" in told
    assert kept.read_text() == "x" * 120_000


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("exit 0", Verdict()),
        ("echo not json", Verdict()),
        ("echo no >&2; exit 2", Verdict(decision="deny", reason="no")),
        ("echo '{broken'; echo why >&2; exit 2", Verdict(decision="deny", reason="why")),
        (
            'echo \'{"decision":"block","reason":"r"}\'',
            Verdict(decision="deny", reason="r"),
        ),
        ('echo \'{"decision":"approve"}\'', Verdict(decision="allow")),
        ('echo \'{"systemMessage":"hi"}\'', Verdict(messages=("hi",))),
        ('echo \'{"continue":false,"stopReason":"enough"}\'', Verdict(stop="enough")),
    ],
)
async def test_exit_codes_and_json_mean_what_is_documented(
    runner: Make, tmp_path: Path, line: str, verdict: Verdict
) -> None:
    assert await runner(hook(line)).run(occasion(tmp_path)) == verdict


@pytest.mark.parametrize("decision", ["allow", "ask", "deny"])
async def test_a_permission_is_decided_with_its_reason(
    runner: Make, tmp_path: Path, decision: str
) -> None:
    said = {
        "hookEventName": "PreToolUse",
        "permissionDecision": decision,
        "permissionDecisionReason": "because",
        "additionalContext": "know this",
        "updatedInput": {"command": "ls"},
    }
    line = f"echo '{json.dumps({'hookSpecificOutput': said})}'"
    found = await runner(hook(line)).run(occasion(tmp_path))
    assert (found.decision, found.reason, found.context) == (decision, "because", ("know this",))
    assert found.updated_input == {"command": "ls"}


async def test_a_hook_is_told_what_claude_s_hooks_are_told(runner: Make, tmp_path: Path) -> None:
    await runner(hook("cat > told.json; env > env.txt", claude=True)).run(occasion(tmp_path))
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["tool_name"] == "Edit"
    assert told["tool_input"]["file_path"] == str(tmp_path / "a.py")
    assert told["tool_input"]["new_string"] == "b"
    assert (told["session_id"], told["hook_event_name"]) == ("s1", "PreToolUse")
    assert told["permission_mode"] == "acceptEdits"
    env = (tmp_path / "env.txt").read_text()
    assert f"CLAUDE_PROJECT_DIR={tmp_path}" in env
    assert f"ION_FILE={tmp_path}/a.py" in env


async def test_keys_of_the_person_are_not_in_its_environment(
    runner: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    await runner(hook("env > env.txt")).run(occasion(tmp_path))
    assert "sk-secret" not in (tmp_path / "env.txt").read_text()


async def test_a_file_is_put_into_the_words_of_a_command(runner: Make, tmp_path: Path) -> None:
    spec = HookSpec(event="PreToolUse", source="t", argv=("touch", "$ION_FILE.seen"))
    await runner(spec).run(occasion(tmp_path))
    assert (tmp_path / "a.py.seen").exists()


async def test_the_strictest_wins_and_every_context_is_kept(runner: Make, tmp_path: Path) -> None:
    def said(decision: str, context: str) -> str:
        own = {"permissionDecision": decision, "additionalContext": context}
        return f"echo '{json.dumps({'hookSpecificOutput': own})}'"

    found = await runner(
        hook(said("allow", "1")), hook(said("deny", "2")), hook(said("ask", "3"))
    ).run(occasion(tmp_path))
    assert (found.decision, found.context) == ("deny", ("1", "2", "3"))


async def test_they_run_at_the_same_time_and_each_command_once(
    runner: Make, tmp_path: Path
) -> None:
    meet = "touch {0}; while [ ! -e {1} ]; do sleep 0.01; done"
    some = runner(
        hook(meet.format("one", "two")),
        hook(meet.format("two", "one")),
        hook("echo x >> count"),
        hook("echo x >> count", matcher="*"),
    )
    await some.run(occasion(tmp_path))
    assert (tmp_path / "count").read_text() == "x\n"


@pytest.mark.parametrize(
    ("on_error", "decision", "told"), [("warn", "", 1), ("deny", "deny", 1), ("ignore", "", 0)]
)
async def test_a_failure_means_what_was_chosen(
    runner: Make, tmp_path: Path, on_error: Any, decision: str, told: int
) -> None:
    for line in ("exit 7", "sleep 20"):
        spec = hook(line, on_error=on_error, timeout_s=0.5)
        found = await runner(spec).run(occasion(tmp_path))
        assert (found.decision, len(found.messages)) == (decision, told)


async def test_what_takes_too_long_is_ended_with_all_that_it_started(
    runner: Make, tmp_path: Path
) -> None:
    spec = hook("(sleep 1; touch late) & sleep 20", timeout_s=0.3)
    found = await runner(spec).run(occasion(tmp_path))
    assert "took more than 0.3 s" in found.messages[0]
    await asyncio.sleep(1.2)
    assert not (tmp_path / "late").exists()


async def test_a_program_that_is_not_there_is_told(runner: Make, tmp_path: Path) -> None:
    spec = HookSpec(event="PreToolUse", source="t", argv=("no-such-program",))
    found = await runner(spec).run(occasion(tmp_path))
    assert "could not be started" in found.messages[0]


async def test_one_of_the_background_is_not_waited_for(runner: Make, tmp_path: Path) -> None:
    spec = hook("sleep 0.2; touch done; exit 2", background=True)
    found = await runner(spec).run(occasion(tmp_path))
    assert found == Verdict()
    while not (tmp_path / "done").exists():  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.02)


async def test_once_is_once_in_a_session(runner: Make, tmp_path: Path) -> None:
    some = runner(hook("echo x >> count", once=True))
    for _ in range(3):
        await some.run(occasion(tmp_path))
    assert (tmp_path / "count").read_text() == "x\n"


@pytest.mark.parametrize(
    ("matcher", "tool", "is_meant"),
    [
        ("", "bash", True),
        ("*", "bash", True),
        ("Bash", "bash", True),
        ("bash", "bash", True),
        ("Edit|Write", "write", True),
        ("Edit, Write", "write", True),
        ("Edit|Write", "bash", False),
        ("MultiEdit", "edit", True),
        ("Ba", "bash", False),
        ("mcp__memory__.*", "mcp__memory__save", True),
        ("mcp__memory__save", "mcp__memory__save", True),
        (".*", "bash", True),
        ("[", "bash", False),
        ("my-agent", "my-agent", True),
    ],
)
def test_matchers(matcher: str, tool: str, is_meant: bool) -> None:
    assert matches(matcher, tool) is is_meant


def test_a_condition_looks_at_the_call() -> None:
    assert fits("Bash(git push *)", "bash", "git push origin")
    assert not fits("Bash(git push *)", "bash", "git status")
    assert not fits("Bash(git *)", "edit", "git")
    assert fits("", "edit", "x")


def test_arguments_go_there_and_back() -> None:
    given = {"path": "a", "edits": [{"old_string": "x", "new_string": "y"}]}
    told = claude_input("edit", given, "/w")
    assert told["file_path"] == "/w/a"
    said = {"file_path": "b", "old_string": "x", "new_string": "z"}
    back = own_input("edit", said, given, "/w")
    assert back == {"path": "b", "edits": [{"old_string": "x", "new_string": "z"}]}
    ran = {"command": "ls", "timeout_s": 30}
    assert own_input("bash", {"command": "ls", "timeout": 5000}, ran, "/w")["timeout_s"] == 5
    echoed = claude_input("bash", ran, "/w")
    assert own_input("bash", {**echoed, "timeout": 1000}, ran, "/w")["timeout_s"] == 1


def test_what_a_hook_gives_back_as_it_was_told_stays_as_it_was_given() -> None:
    edits = [{"old_string": "one", "new_string": "ONE"}, {"old_string": "two", "new_string": "2"}]
    for tool, given in (
        ("edit", {"path": "a", "edits": edits}),
        ("write", {"path": "a", "content": "x"}),
        ("bash", {"command": "ls", "timeout_s": 30}),
        ("todo", {"items": [{"content": "x"}]}),
        ("apply_patch", {"patch": "*** Begin Patch"}),
    ):
        told = claude_input(tool, given, "/w")
        assert own_input(tool, told, given, "/w") == given
        if "path" in told:
            assert own_input(tool, told | {"path": "b"}, given, "/w")["path"] == "b"
    more = claude_input("edit", {"path": "a", "edits": edits}, "/w") | {"new_string": "1"}
    back = own_input("edit", more, {"path": "a", "edits": edits}, "/w")
    assert back["edits"] == [{"old_string": "one", "new_string": "1"}, edits[1]]


CLAUDE = {
    "hooks": {
        "PreToolUse": [
            {
                "matcher": "Bash",
                "hooks": [
                    {"type": "command", "command": "check.sh", "timeout": 5},
                    {"type": "agent", "prompt": "?"},
                    {"type": "command"},
                ],
            }
        ],
        "Stopp": [{"hooks": [{"type": "command", "command": "x"}]}],
    }
}


def test_both_forms_are_read_in_the_order_in_which_they_are_obeyed(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text(json.dumps(CLAUDE))
    own = HookSettings(event="Stop", command=("a",), on_error="block")
    first = HookSettings(event="Stop", command=("b",), priority=5)
    found = specs([own, first], tmp_path, claude=True)
    assert [(spec.event, spec.does, spec.problem) for spec in found] == [
        ("Stop", "b", ""),
        ("Stop", "a", ""),
        ("PreToolUse", "check.sh", ""),
        ("PreToolUse", "", "Hooks of the type 'agent' are not run by ion."),
        ("PreToolUse", "", "It has nothing to run."),
        ("Stopp", "x", "There is no event 'Stopp'. Did you mean Stop?"),
    ]
    assert found[1].on_error == "deny"
    assert specs([own], tmp_path, claude=False)[0].does == "a"


def test_every_event_is_known() -> None:
    assert len(EVENTS) == 33
    hooks = [HookSettings(event=event, command=("x",)) for event in (*EVENTS, *OWN)]
    found = specs(hooks, Path("/"), claude=False)
    assert [spec.problem for spec in found if spec.problem] == []


async def test_an_address_is_posted_to(runner: Make, tmp_path: Path) -> None:
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        got.append(await reader.readexactly(size))
        body = b'{"decision":"block","reason":"from afar"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    spec = HookSpec(event="PreToolUse", source="t", url=f"http://127.0.0.1:{port}/x")
    found = await runner(spec).run(occasion(tmp_path))
    server.close()
    await server.wait_closed()
    assert (found.decision, found.reason) == ("deny", "from afar")
    assert json.loads(got[0])["tool_use_id"] == "c1"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ('{"ok": true}', Verdict()),
        ('Well: {"ok": false, "reason": "too soon"}', Verdict(decision="deny", reason="too soon")),
    ],
)
async def test_a_model_is_asked(
    runner: Make, tmp_path: Path, answer: str, verdict: Verdict
) -> None:
    asked: list[str] = []

    async def ask(system: str, messages: Any, most: int) -> tuple[str, str]:
        asked.append(messages[0].text)
        return answer, "small"

    spec = HookSpec(event="Stop", source="test", prompt="Is it done? $ARGUMENTS")
    told = replace(occasion(tmp_path, "Stop"), ask=ask)
    assert await runner(spec).run(told) == verdict
    assert asked[0].startswith('Is it done? {"session_id": "s1"')


async def test_a_model_that_does_not_answer_as_asked_blocks_nothing(
    runner: Make, tmp_path: Path
) -> None:
    async def ask(system: str, messages: Any, most: int) -> tuple[str, str]:
        return "Perhaps.", "small"

    spec = HookSpec(event="Stop", source="test", prompt="Is it done?")
    found = await runner(spec).run(replace(occasion(tmp_path, "Stop"), ask=ask))
    assert found.decision == ""
    assert "did not answer as asked: Perhaps." in found.messages[0]
    alone = await runner(spec).run(occasion(tmp_path, "Stop"))
    assert "no model can be asked here" in alone.messages[0]


async def test_the_tool_of_a_server_is_called(runner: Make, tmp_path: Path) -> None:
    arguments = {"file": "${tool_input.path}", "tool": "${tool_name}"}
    spec = HookSpec(event="PreToolUse", source="test", tool=("guard", "check"), arguments=arguments)
    found = await runner(spec).run(occasion(tmp_path))
    assert (found.decision, found.reason) == ("deny", "edit of a.py")
    gone = await runner(replace(spec, tool=("gone", "check"))).run(occasion(tmp_path))
    assert "There is no MCP server 'gone'." in gone.messages[0]


def test_both_forms_know_models_and_tools(tmp_path: Path) -> None:
    settings = HookSettings(event="Stop", tool="mcp__guard__check", arguments={"a": "b"})
    (own,) = specs([settings], tmp_path, claude=False)
    assert (own.tool, own.arguments, own.problem) == (("guard", "check"), {"a": "b"}, "")
    hooks = [
        {"type": "prompt", "prompt": "Done?"},
        {"type": "mcp_tool", "server": "guard", "tool": "check", "input": {"a": "b"}},
        {"type": "agent", "prompt": "x"},
    ]
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text(
        json.dumps({"hooks": {"Stop": [{"hooks": hooks}]}})
    )
    asked, called, agent = specs((), tmp_path, claude=True)
    assert (asked.prompt, called.tool) == ("Done?", ("guard", "check"))
    assert "'agent' are not run" in agent.problem
