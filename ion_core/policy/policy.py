"""The policy of a session: what a mode does with a command, a path or a URL, and why.

The person's rules come first: one that denies wins over everything, one that asks over what is
proved. Then the mode decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ion_core.entries import Mode
from ion_core.policy import named
from ion_core.policy.base import Judgement, Unproved, allow, ask, deny
from ion_core.policy.modes import refusal
from ion_core.policy.paths import READING, Deed, judge_path
from ion_core.policy.rules import Rules, suspects, with_folders
from ion_core.policy.shell.classify import EXCUSED, classify
from ion_core.policy.shell.parse import Command
from ion_core.policy.shell.scene import Scene
from ion_core.policy.urls import Resolver, forms, judge_url, resolve
from ion_core.tools.paths import Operation, PathOutside, PathRefused, Workspace

NO_RULES: Final = Rules()

_OPERATIONS: Final[tuple[Operation, ...]] = ("read", "list", "write")
_SHELL: Final = ("bash",)
_WEB: Final = ("web_fetch",)
_READERS: Final[dict[Deed, tuple[str, ...]]] = {"read": ("read", "grep"), "list": ("list", "glob")}
_WRITERS: Final = ("write", "edit", "apply_patch")


@dataclass(frozen=True)
class Policy:
    """Judges for a session that works in ``workspace``; ``home`` is the person's folder."""

    workspace: Workspace
    home: Path
    rules: Rules = NO_RULES

    def command(self, command: str, mode: Mode, cwd: str = ".") -> Judgement:
        """What happens to a shell command in the folder ``cwd``."""
        objection = self._objection(command)
        if objection is not None:
            return objection
        if mode == "write":
            return allow("WRITE mode runs commands without asking.", "mode.write")
        scene = Scene(self.workspace, self.workspace.root, str(self.home))
        try:
            scene = scene if cwd in ("", ".") else scene.moved(cwd)
            objection = named.objection(command, scene, self)
        except Unproved as doubt:
            return ask(str(doubt), doubt.rule)
        if objection is not None:
            return objection
        if self.rules.allows_line(_SHELL, command):
            return allow(EXCUSED, "permissions.allow")
        return classify(command, scene, self._excuses)

    def _objection(self, command: str) -> Judgement | None:
        if not self.rules.objects(_SHELL):
            return None
        try:
            return self.rules.objection(_SHELL, suspects(command))
        except Unproved as doubt:
            return ask(str(doubt), doubt.rule)

    def path(self, path: str, deed: Deed, mode: Mode) -> Judgement:
        """What happens to a path that a file tool is given."""
        tools = _READERS.get(deed, _WRITERS)
        judgement = judge_path(path, deed, self.workspace)
        subjects = self._subjects(path)
        objection = self.rules.objection(tools, with_folders(subjects))
        if judgement.decision == "deny" or (objection and objection.decision == "deny"):
            return judgement if judgement.decision == "deny" else objection or judgement
        if mode != "write" and deed not in READING:
            return deny(refusal(mode, tools[0], "write") or "", f"mode.{mode}")
        if objection is not None:
            return objection
        leads_to = subjects[1:]  # a way there that is written otherwise may lead elsewhere
        if judgement.decision == "ask" and any(self.rules.allows(tools, s) for s in leads_to):
            return replace(judgement, decision="allow", rule="permissions.allow")
        return judgement

    def url(self, url: str, resolver: Resolver = resolve) -> Judgement:
        """What happens to a URL that is to be fetched."""
        judgement = judge_url(url, resolver)
        objection = self.rules.objection(_WEB, forms(url))
        return judgement if judgement.decision == "deny" or objection is None else objection

    def _excuses(self, command: Command) -> bool:
        return self.rules.allows(_SHELL, command.text, command.written)

    def target(self, tool: str, target: str) -> Judgement | None:
        """What the rules object to in a call of a tool, by what it says it touches."""
        pieces = {target, *target.split(", ")}
        subjects = {subject for piece in pieces for subject in self._subjects(piece)}
        tools = _WRITERS if tool == "apply_patch" else (tool,)  # it does what the others do
        return self.rules.objection(tools, with_folders(sorted(subjects)))

    def _subjects(self, path: str) -> tuple[str, ...]:
        """A path as rules may name it: as it was given, and where it leads."""
        for operation in _OPERATIONS:
            try:
                real = self.workspace.resolve(path, operation)
            except PathOutside as outside:
                real = outside.real
            except PathRefused:
                continue
            return (path, *self.names(real))
        return (path,)

    def names(self, real: Path) -> tuple[str, ...]:
        """A real path as rules may name it."""
        below_home = real.is_relative_to(self.home)
        tilde = (f"~/{real.relative_to(self.home)}",) if below_home else ()
        return (str(real), self.workspace.shown(real), *tilde)

    def forms(self, real: Path) -> list[str]:
        """A real path as rules that forbid or ask may name it, or a folder above it."""
        return with_folders(self.names(real))
