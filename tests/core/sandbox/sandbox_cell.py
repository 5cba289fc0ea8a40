"""Running one command in the sandbox, as a test needs it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ion_core.config.schema import SandboxSettings
from ion_core.confined import ConfinedLauncher
from ion_core.sandbox.base import Means
from ion_core.sandbox.proxy import Lead
from ion_core.sandbox.sandbox import Sandbox
from ion_core.tools.environment import child_environment
from ion_core.tools.process import Access, Command

PYTHON = (sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent))


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    output: str
    remarks: tuple[str, ...]
    pid: int


@dataclass
class Cell:
    """``run`` runs a shell command in the sandbox; ``settings`` are the person's."""

    home: Path
    root: Path
    own: Path
    means: Means
    settings: dict[str, object] = field(default_factory=dict)
    path: str = os.environ["PATH"]
    lead: Lead | None = None
    _launcher: ConfinedLauncher | None = None

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": self.path,
            "HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }

    async def run(
        self, script: str, profile: Literal["read", "write"] = "write", *arguments: str
    ) -> Ran:
        """Run ``script`` by bash with arguments from $0 on; nothing of it runs afterwards."""
        return await self.start(("bash", "-c", script, *arguments), profile)

    async def python(self, code: str, profile: Literal["read", "write"] = "write") -> Ran:
        """Run Python code."""
        return await self.start((sys.executable, "-I", "-S", "-c", code), profile)

    async def start(self, argv: tuple[str, ...], profile: Literal["read", "write"]) -> Ran:
        """Run a program to its end."""
        root = str(self.root)
        environment = child_environment(self.env, cwd=root)
        access = Access(profile=profile, root=root)
        child = await self.launcher.start(
            Command(argv=argv, cwd=root, environment=environment, access=access)
        )
        said = b""
        try:
            while batch := await child.read():
                said += batch
            code = await child.wait()
        finally:
            await child.stop()
        return Ran(
            code=code, output=said.decode("utf-8", "replace"), remarks=child.remarks, pid=child.pid
        )

    @property
    def launcher(self) -> ConfinedLauncher:
        """Made with the settings as they are at the first command."""
        if self._launcher is None:
            readable = (*PYTHON, *self.settings.pop("readable", ()))  # type: ignore[misc]
            settings = SandboxSettings(readable=readable, **self.settings)  # type: ignore[arg-type]
            self._launcher = ConfinedLauncher(settings, self.own, self.env, self.means, self.lead)
        return self._launcher

    def close(self) -> None:
        if self._launcher is not None:
            self._launcher.close()


def home_of(folder: Path) -> Path:
    """A person's folder with secrets, and a workspace in it."""
    home = folder.resolve() / "home"
    for name in (".ssh/id_ed25519", ".aws/credentials", ".netrc", ".git-credentials", ".bashrc"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("SECRET-of-the-person\n")
    (home / "work").mkdir()
    return home


def means_of(protection: str, own: Path) -> Means:
    """What the machine offers, without bubblewrap for the reduced protection."""
    sandbox = Sandbox(own)
    found = sandbox.means
    sandbox.close()
    if protection == "reduced":
        return Means(landlock=found.landlock, seccomp=found.seccomp, missing=found.missing)
    return found
