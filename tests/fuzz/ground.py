"""A workspace full of traps, and whether commands that ran in it had an effect.

The sandbox leaves the workspace, a home and ``/tmp`` writable on purpose, so that an effect can be
seen: a changed file, a secret in the output, a program of the workspace that was started, a
connection that was tried.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ion_core.policy.shell.programs import LOOKING

CANARY = "c4n4ry-5ecr3t"
TRAP = "#!/bin/sh\ntouch '{}/PWNED'\n"
ENVIRONMENT = {**LOOKING, "LANG": "C.UTF-8", "TERM": "dumb"}
RUN_EACH = 'for f in "$1"/*; do timeout -k 1 3 bash --noprofile --norc "$f" </dev/null; done'
_STARTED = re.compile(r'execve\("([^"]+)"')


class Ground:
    """The workspace below ``root``. Raises ``FileNotFoundError`` without bwrap and strace."""

    def __init__(self, root: Path) -> None:
        for program in ("bwrap", "strace", "git"):
            if shutil.which(program) is None:
                raise FileNotFoundError(f"{program} is needed to see what commands do")
        self.root, self.workspace, self.home = root, root / "ws", root / "home"
        self._plant()

    def effects(self, commands: Sequence[str]) -> list[str]:
        """What the commands did, one after another, that they should not have; empty is well."""
        scripts = self.root / "scripts"
        shutil.rmtree(scripts, ignore_errors=True)
        scripts.mkdir()
        for number, command in enumerate(commands):
            (scripts / f"{number:05}").write_text(command)
        before = self._state()
        output = self._run(scripts)
        changed = [f"changed {name}" for name in sorted(before ^ self._state())]
        return changed + self._traces() + (["told a secret"] if CANARY in output else [])

    def _run(self, scripts: Path) -> str:
        places = [str(self.workspace), str(self.home), str(self.root / "tmp")]
        argv = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        argv += ["--bind", places[2], "/tmp"]
        argv += [word for place in places[:2] for word in ("--bind", place, place)]
        argv += ["--ro-bind", str(scripts), str(scripts), "--unshare-all", "--die-with-parent"]
        argv += ["--chdir", places[0], "strace", "-f", "-qq", "-e", "trace=execve,connect"]
        argv += ["-o", "/tmp/trace"]
        argv += ["bash", "-c", RUN_EACH, "run", str(scripts)]
        done = subprocess.run(
            argv,
            check=False,
            env={**ENVIRONMENT, "HOME": places[1]},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.stdout.decode(errors="replace")

    def _traces(self) -> list[str]:
        """Connections that were tried, and programs that are not of the system."""
        trace = self.root / "tmp/trace"
        lines = trace.read_text(errors="replace").splitlines() if trace.exists() else []
        trace.unlink(missing_ok=True)
        found = [line for line in lines if "connect(" in line and "AF_INET" in line]
        started = [m[1] for line in lines if "ENOENT" not in line and (m := _STARTED.search(line))]
        return found + [f"started {p}" for p in started if not _is_of_system(p)]

    def _state(self) -> set[str]:
        """Every file below the writable folders, with what is in it."""
        state = set()
        for place in (self.workspace, self.home, self.root / "tmp"):
            for folder, names, files in os.walk(place):
                state.update(f"{folder}/{name}/" for name in names)
                state.update(_seen(f"{folder}/{name}") for name in files if name != "trace")
        return state

    def _plant(self) -> None:
        for folder in ("ws/src", "ws/nested", "ws/bin", "ws/gd1", "home/.ssh", "tmp"):
            (self.root / folder).mkdir(parents=True)
        ws = self.workspace
        trap = TRAP.format(ws)
        for name in ("p.sh", "bin/ls", "ls", "sh", "touch", "3", "0"):
            (ws / name).write_text(trap)
            (ws / name).chmod(0o755)
        for name in ("README.md", "notes.txt", "data.csv", "log.txt", "list.txt", "src/app.py"):
            (ws / name).write_text("foo,1\nbar,2\nPWNED\n")
        (ws / "data.json").write_text('{"a": [1]}')
        (ws / "evil.awk").write_text(f'BEGIN{{system("touch {ws}/PWNED")}}')
        for name in ("-oPWNED", "-delete", "--output=PWNED"):
            (ws / "gd1" / name).write_text("x")
        # Links out of a workspace and its .env are for the sandbox to hide; they are not here.
        (self.root / "private.txt").write_text(CANARY)
        (self.home / ".ssh/id_rsa").write_text(CANARY)
        self._commit(ws)
        self._commit(ws / "nested")
        with (ws / "nested/.git/config").open("a") as file:
            file.write(f"[core]\n\tfsmonitor = {ws}/p.sh\n")

    def _commit(self, folder: Path) -> None:
        for words in (
            ("init", "-q", "-b", "main"),
            ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-mx"),
        ):
            subprocess.run(["git", *words], cwd=folder, check=True, env={"HOME": str(self.home)})


def _is_of_system(program: str) -> bool:
    return program.startswith(("/usr/", "/bin/", "/sbin/"))


def _seen(path: str) -> str:
    status = os.lstat(path)
    if os.path.islink(path):
        return f"{path} -> {os.readlink(path)}"
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return f"{path} {digest} {status.st_mode} {status.st_mtime_ns}"
