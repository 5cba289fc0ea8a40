"""Runs the hooks of an event, all at once, and puts together what they say."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from msgspec import Struct

from ion_core import private
from ion_core.errors import IonError
from ion_core.hooks.answer import LONGEST, together, verdict_of
from ion_core.hooks.base import SILENT, Occasion, Verdict
from ion_core.hooks.command import needs_file, run
from ion_core.hooks.names import CLAUDE, claude_input, file_of, fits, matches
from ion_core.hooks.spec import HookSpec
from ion_core.tools.process import Launcher

MODES: Final = {"read": "plan", "plan": "plan", "write": "acceptEdits"}
"""What Claude Code calls ion's modes, as near as they come."""
PREVIEW: Final = 4_000
"""Characters of an output that is too long to be told."""
KEPT: Final = 50
"""Runs that are remembered for people."""


CallTool: TypeAlias = Callable[[str, str, dict[str, Any]], Awaitable[str]]
"""What a tool of an MCP server says. Raises ``IonError``."""


class Ran(Struct, frozen=True, kw_only=True):
    """One run of a hook. ``problem`` is a sentence about one that failed."""

    spec: HookSpec
    ms: int
    verdict: Verdict = SILENT
    problem: str = ""


class Runner:
    """``Hooks``. ``project`` is the folder that they belong to; ``spawn`` owns what runs in the
    background; ``spill`` is where a session keeps what is too long."""

    def __init__(
        self,
        specs: Sequence[HookSpec],
        launcher: Launcher,
        project: str,
        env: Mapping[str, str],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        call_tool: CallTool,
        spill: Callable[[str], Path],
    ) -> None:
        self._spill = spill
        self._call_tool = call_tool
        self.specs = tuple(specs)
        self._launcher, self._project, self._env = launcher, project, env
        self._spawn = spawn
        self._events = frozenset(spec.event for spec in specs if not spec.problem)
        self._done: set[tuple[str, int]] = set()
        self.ran: list[Ran] = []

    def wants(self, event: str) -> bool:
        """See ``Hooks``."""
        return event in self._events

    def matchers(self, event: str) -> tuple[str, ...]:
        """See ``Hooks``."""
        said = (spec.matcher for spec in self.specs if spec.event == event and not spec.problem)
        names = (name.strip() for matcher in said for name in re.split(r"[|,]", matcher))
        return tuple(dict.fromkeys(name for name in names if name))

    async def run(self, occasion: Occasion) -> Verdict:
        """See ``Hooks``."""
        due = self._due(occasion)
        for spec in (spec for spec in due if spec.background):
            self._spawn(self._aside(spec, occasion))
        waited = [spec for spec in due if not spec.background]
        ran = await asyncio.gather(*(self._one(spec, occasion) for spec in waited))
        return together([self._judged(one) for one in ran])

    def _due(self, occasion: Occasion) -> list[HookSpec]:
        """The hooks for an occasion, each command once."""
        found: dict[tuple[str, ...], HookSpec] = {}
        given = occasion.fields.get("tool_input")
        has_file = isinstance(given, dict) and bool(file_of(given, occasion.scene.cwd))
        for at, spec in enumerate(self.specs):
            if spec.problem or spec.event != occasion.event:
                continue
            if not matches(spec.matcher, occasion.matched):
                continue
            if not fits(spec.when, occasion.matched, occasion.gist):
                continue
            if needs_file(spec) and not has_file:
                continue
            if spec.once:
                mark = (occasion.scene.session, at)
                if mark in self._done:
                    continue
                self._done.add(mark)
            found.setdefault((spec.url, spec.prompt, *spec.tool, *spec.argv), spec)
        return list(found.values())

    async def _aside(self, spec: HookSpec, occasion: Occasion) -> None:
        await self._one(spec, occasion)

    async def _one(self, spec: HookSpec, occasion: Occasion) -> Ran:
        began = asyncio.get_running_loop().time()
        said: Verdict | str
        try:
            said = await self._asked(spec, occasion)
        except TimeoutError:
            said = f"it took more than {spec.timeout_s:g} s and was stopped"
        except OSError as error:
            said = f"it could not be started: {error.strerror or error}"
        ms = round((asyncio.get_running_loop().time() - began) * 1000)
        if isinstance(said, str):
            ran = Ran(spec=spec, ms=ms, problem=said)
        else:
            ran = Ran(spec=spec, ms=ms, verdict=said)
        self.ran = [*self.ran, ran][-KEPT:]
        return ran

    async def _asked(self, spec: HookSpec, occasion: Occasion) -> Verdict | str:
        told = payload(spec, occasion)
        if spec.prompt or spec.tool:
            async with asyncio.timeout(spec.timeout_s or None):
                return await self._elsewhere(spec, told, occasion)
        if spec.url:
            from ion_core.hooks.http import post  # start-up: few hooks are elsewhere

            return await post(spec, told, occasion.event)
        scene = occasion.scene
        given = occasion.fields.get("tool_input")
        file = file_of(given, scene.cwd) if isinstance(given, dict) else ""
        variables = {
            "ION_EVENT": occasion.event,
            "ION_SESSION": scene.session,
            "ION_TOOL": occasion.matched if "tool_name" in occasion.fields else "",
            "ION_FILE": file,
        }
        code, output, errors = await run(
            spec,
            json.dumps(told, default=str).encode(),
            self._launcher,
            cwd=scene.cwd,
            project=self._project,
            env=self._env,
            variables=variables,
            lent=scene.transcript,
        )
        if len(output) > LONGEST and not output.lstrip().startswith("{"):
            output = await asyncio.to_thread(self._shortened, output, scene.session)
        return verdict_of(occasion.event, code, output, errors)

    def _shortened(self, output: str, session: str) -> str:
        """How a long output begins, and the file where all of it is. Blocking."""
        digest = hashlib.sha256(output.encode("utf-8", "replace")).hexdigest()[:12]
        path = self._spill(session) / f"hook_{digest}.txt"
        told = f"[{len(output):,} characters; all of it is in {path}]"
        try:
            private.folder(path.parent)
            with private.file(path) as file:
                file.write(output.encode("utf-8", "replace"))
        except OSError as error:
            told = f"[{len(output):,} characters, which could not be kept: {error.strerror}]"
        return f"{output[:PREVIEW]}\n{told}"

    async def _elsewhere(
        self, spec: HookSpec, told: dict[str, Any], occasion: Occasion
    ) -> Verdict | str:
        """What a model or the tool of a server says."""
        from ion_core.hooks.judge import judge  # start-up: few hooks are so

        try:
            if spec.prompt:
                return await judge(spec.prompt, told, occasion.ask)
            server, tool = spec.tool
            said = await self._call_tool(server, tool, filled(spec.arguments, told))
        except IonError as error:
            return str(error)
        return verdict_of(occasion.event, 0, said, "")

    def _judged(self, ran: Ran) -> Verdict:
        """The verdict of a run; of one that failed, what its failure means."""
        if not ran.problem:
            return ran.verdict
        sentence = f"A hook of {ran.spec.event} failed ({ran.spec.does[:100]}): {ran.problem}"
        if ran.spec.on_error == "deny":
            return Verdict(decision="deny", reason=sentence, messages=(sentence,))
        return SILENT if ran.spec.on_error == "ignore" else Verdict(messages=(sentence,))


def filled(arguments: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with ``${tool_input.file_path}`` and the like in their places."""

    def value(found: re.Match[str]) -> str:
        at: Any = told
        for name in found[1].split("."):
            at = at.get(name, "") if isinstance(at, Mapping) else ""
        return at if isinstance(at, str) else json.dumps(at, default=str)

    return {
        name: re.sub(r"\$\{([\w.]+)\}", value, given) if isinstance(given, str) else given
        for name, given in arguments.items()
    }


def payload(spec: HookSpec, occasion: Occasion) -> dict[str, Any]:
    """What a hook is told, by the names that it knows."""
    scene = occasion.scene
    told: dict[str, Any] = {
        "session_id": scene.session,
        "transcript_path": scene.transcript,
        "cwd": scene.cwd,
        "permission_mode": MODES[scene.mode],
        "hook_event_name": occasion.event,
        **occasion.fields,
    }
    if scene.agent:
        told |= {"agent_id": scene.agent_id, "agent_type": scene.agent}
    if scene.effort:
        told["effort"] = {"level": scene.effort}
    tool, given = told.get("tool_name"), told.get("tool_input")
    if isinstance(tool, str) and isinstance(given, dict):
        told["tool_input"] = claude_input(tool, given, scene.cwd)
        told["tool_name"] = CLAUDE.get(tool, tool) if spec.claude else tool
    return told
