"""What sandboxed commands can reach by the network, other processes and the kernel."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest
from sandbox_cell import Cell

from ion_core.sandbox.syscalls import NUMBERS

COLUMN = {"x86_64": 0, "aarch64": 1}.get(os.uname().machine, 0)

PYTHON = f"{sys.executable} -ISc"

SET_BY_NOW = 'for _ in $(seq 100); do [ "$(ulimit -f)" = 2097152 ] && break; sleep 0.05; done; '
"""bubblewrap waits for its limits. Without it they are set from outside as the shell begins, the
size of files last, however long that takes on a busy machine."""


def call(name: str, *arguments: int) -> str:
    """Python that makes a system call and prints the error's number."""
    numbers = ", ".join(map(str, (NUMBERS[name][COLUMN], *arguments)))
    return (
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True); "
        f"print(libc.syscall({numbers}), ctypes.get_errno())"
    )


async def test_no_new_rights_can_be_had_and_none_are_left(cell: Cell) -> None:
    said = (await cell.run("cat /proc/self/status")).output
    fields = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)
    assert fields["NoNewPrivs"] == "1"
    assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0
    assert fields["Seccomp"] == "2"


@pytest.mark.parametrize("name", ["kernel/core_pattern", "vm/swappiness"])
@pytest.mark.parametrize("profile", ["read", "write"])
async def test_the_settings_of_the_kernel_are_the_hosts(
    cell: Cell, name: str, profile: str
) -> None:
    script = f'v=$(cat /proc/sys/{name}); echo "$v" > /proc/sys/{name} && echo "wrote $v"'
    ran = await cell.run(script, "read" if profile == "read" else "write")
    assert ran.code != 0
    assert "wrote" not in ran.output


@pytest.mark.parametrize(
    "command",
    [
        "curl -sS --max-time 3 http://127.0.0.1:{port}/",
        "wget -q -T 3 -t 1 -O - http://127.0.0.1:{port}/",
        "exec 3<>/dev/tcp/127.0.0.1/{port}",
        "nc -z -w 3 127.0.0.1 {port}",
        "ssh -o BatchMode=yes -o ConnectTimeout=3 -p {port} 127.0.0.1",
        "ping -c 1 -W 1 127.0.0.1",
        "getent ahosts example.com",
        f"{PYTHON} 'import socket; socket.create_connection((\"127.0.0.1\", {{port}}))'",
        f'{PYTHON} \'import socket; socket.socket(2, 2).sendto(b"", ("127.0.0.1", 9))\'',
        f"{PYTHON} 'import socket; socket.socket(2, 2, 1)'",
    ],
)
@pytest.mark.parametrize("profile", ["read", "write"])
async def test_no_program_reaches_the_network(cell: Cell, command: str, profile: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    with listening:
        script = command.format(port=listening.getsockname()[1])
        ran = await cell.run(script, "read" if profile == "read" else "write")
        assert ran.code != 0
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK"])
async def test_no_socket_of_a_network_can_be_made(cell: Cell, family: str) -> None:
    kind = "SOCK_RAW" if family in ("AF_NETLINK", "AF_PACKET") else "SOCK_STREAM"
    ran = await cell.python(f"import socket; socket.socket(socket.{family}, socket.{kind})")
    assert ran.code != 0
    assert "PermissionError" in ran.output


async def test_the_network_can_be_switched_on_for_writing_alone(cell: Cell) -> None:
    cell.settings["network"] = "on"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        script = f"exec 3<>/dev/tcp/127.0.0.1/{listening.getsockname()[1]} && echo reached"
        assert (await cell.run(script)).output == "reached\n"
        assert (await cell.run(script, "read")).code != 0


@pytest.mark.parametrize("network", ["off", "on"])
async def test_sockets_of_other_programs_cannot_be_reached(cell: Cell, network: str) -> None:
    cell.settings["network"] = network
    path = cell.home / "docker.sock"
    name = f"\0ion-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as by_path, socket.socket(socket.AF_UNIX) as by_name:
        by_path.bind(str(path))
        by_path.listen()
        by_name.bind(name)
        by_name.listen()
        for address in (str(path), name):
            ran = await cell.python(
                f"import socket; socket.socket(socket.AF_UNIX).connect({address!r})"
            )
            assert ran.code != 0, address


async def test_programs_can_talk_to_their_own_children(cell: Cell) -> None:
    ran = await cell.python(
        "import socket, os\na, b = socket.socketpair()\n"
        "if os.fork() == 0: b.send(b'hi'); os._exit(0)\nprint(a.recv(2))"
    )
    assert ran.output == "b'hi'\n"


@pytest.mark.parametrize(
    "name",
    ["io_uring_setup", "ptrace", "bpf", "userfaultfd", "keyctl", "add_key", "mount", "setns"],
)
async def test_dangerous_calls_are_refused(cell: Cell, name: str) -> None:
    assert (await cell.python(call(name, 0, 0, 0, 0, 0))).output == "-1 1\n"


async def test_no_namespace_can_be_made(cell: Cell) -> None:
    new_user = 0x10000000
    assert (await cell.run("unshare -r true")).code != 0
    assert (await cell.python(call("unshare", new_user))).output == "-1 1\n"
    assert (await cell.python(call("clone", new_user | 17, 0, 0, 0, 0))).output == "-1 1\n"
    assert (await cell.python(call("clone3", 0, 0))).output == "-1 38\n"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="x86_64 has a second convention")
async def test_calls_of_another_convention_end_the_process(cell: Cell) -> None:
    x32_getpid = 0x40000000 + 39
    ran = await cell.python(f"import ctypes; print(ctypes.CDLL(None).syscall({x32_getpid}))")
    assert ran.code != 0
    assert ran.output == ""


async def test_processes_outside_can_be_neither_ended_nor_looked_into(cell: Cell) -> None:
    other = await asyncio.create_subprocess_exec(
        "sleep", "30", env={"TOKEN": "SECRET-of-a-process", "PATH": os.environ["PATH"]}
    )
    try:
        for pid in (other.pid, os.getpid()):
            ran = await cell.run(f"kill -0 {pid}; tr '\\0' '\\n' < /proc/{pid}/environ")
            assert ran.code != 0
            assert "SECRET" not in ran.output
            assert (await cell.run(f"head -c 1 /proc/{pid}/mem; cat /proc/{pid}/root/etc/x")).code
    finally:
        other.kill()
        await other.wait()


async def test_a_detached_child_is_dead_when_the_command_has_ended(cell: Cell) -> None:
    file = cell.root / "beats"
    beating = f"while :; do date +%N >> {file}; sleep 0.05; done"
    assert (await cell.run(f"setsid sh -c '{beating}' >/dev/null 2>&1 & sleep 0.3")).code == 0
    said = file.read_text()
    await asyncio.sleep(0.4)
    assert said
    assert len(file.read_text()) - len(said) <= 10  # the line it was about to write


async def test_a_child_may_tidy_up_when_it_is_stopped(cell: Cell) -> None:
    script = "trap 'echo tidy > tidied; exit' TERM; echo up; while :; do sleep 0.05; done"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await cell.run(script)
    assert (cell.root / "tidied").read_text() == "tidy\n"


def waited(cell: Cell) -> str:
    return "" if cell.means.protection == "full" else SET_BY_NOW


async def test_core_dumps_and_huge_files_are_off(cell: Cell) -> None:
    assert (await cell.run(f"{waited(cell)}ulimit -c; ulimit -f")).output == "0\n2097152\n"


async def test_the_limits_are_those_of_the_specification(cell: Cell) -> None:
    ran = await cell.run(f"{waited(cell)}ulimit -n; ulimit -Hn; ulimit -Hf")
    assert ran.output == "1024\n1024\n2097152\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="the kernel does not count root's processes")
async def test_a_person_cannot_be_flooded_with_processes(full: Cell) -> None:
    ran = await full.python(
        "import os, signal\nmade = []\ntry:\n"
        "    for _ in range(600):\n"
        "        pid = os.fork()\n"
        "        if pid == 0: signal.pause()\n"
        "        made.append(pid)\n"
        "except BlockingIOError: print('refused', 400 < len(made) < 512)\n"
        "for pid in made: os.kill(pid, 9)"
    )
    assert ran.output == "refused True\n"


async def test_a_terminal_is_never_handed_on(cell: Cell) -> None:
    ran = await cell.python("import os; os.open('/dev/tty', os.O_RDWR)")
    assert ran.code != 0


async def test_temporary_files_are_private(full: Cell, tmp_path: Path) -> None:
    ran = await full.run("echo x > /tmp/ion-private && cat /tmp/ion-private")
    assert ran.output == "x\n"
    assert not Path("/tmp/ion-private").exists()


async def test_two_commands_at_once_share_what_stands_in(cell: Cell) -> None:
    slow, quick = await asyncio.gather(
        cell.run("sleep 0.4; mkdir .vscode; echo x > .vscode/tasks.json"), cell.run("true")
    )
    assert quick.code == 0
    assert not (cell.root / ".vscode").exists(), slow.output


async def test_python_itself_runs(cell: Cell) -> None:
    ran = await cell.python(
        "import threading; t = threading.Thread(target=print, args=('ran',)); t.start(); t.join()"
    )
    assert (ran.code, ran.output) == (0, "ran\n"), sys.executable


async def test_buses_and_agents_of_the_person_cannot_be_reached(cell: Cell) -> None:
    folder = cell.home / "run"
    folder.mkdir()
    for name in ("bus", "docker.sock", "podman.sock", "S.gpg-agent", "ssh-agent"):
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(folder / name))
            listening.listen()
            ran = await cell.python(
                f"import socket; socket.socket(socket.AF_UNIX).connect({str(folder / name)!r})"
            )
            assert ran.code != 0, name
    ran = await cell.run("ls /run/dbus /run/user /run/docker.sock /var/run/docker.sock")
    assert ran.code != 0
    assert (await cell.run("env | grep -c -E 'DBUS|SSH_AUTH|GPG|XDG_RUNTIME'")).output == "0\n"


async def test_a_detached_child_is_dead_within_a_second(cell: Cell) -> None:
    name = f"ion-detached-{os.getpid()}"
    script = f"exec -a {name} sleep 60"
    assert (await cell.run(f"setsid -f bash -c '{script}' >/dev/null 2>&1; sleep 0.2")).code == 0
    async with asyncio.timeout(1):
        while _running(name):  # noqa: ASYNC110 (the kernel tells nobody)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("how", ["setsid env -i {bash} -c", "setsid env -i ION_CHILD=0 {bash} -c"])
async def test_one_that_hides_is_dead_before_things_are_put_right(cell: Cell, how: str) -> None:
    late = "sleep 0.7; echo x > late; echo x > .git/hooks/pre-commit; sleep 20"
    hiding = how.format(bash="/bin/bash")
    ran = await cell.run(f"({hiding} '{late}' >/dev/null 2>&1 &); sleep 0.2; echo done")
    assert ran.output == "done\n"
    await asyncio.sleep(1)
    assert not (cell.root / "late").exists()
    assert not (cell.root / ".git/hooks/pre-commit").exists()


async def test_a_child_without_its_mark_lives_while_others_end(reduced: Cell) -> None:
    script = "exec env -i /bin/bash -c 'sleep 1; echo lived > lived'"
    living = asyncio.ensure_future(reduced.run(script))
    await asyncio.sleep(0.3)
    assert (await reduced.run("(setsid sleep 5 &); true")).code == 0
    await living
    assert (reduced.root / "lived").read_text() == "lived\n"


def _running(name: str) -> bool:
    for pid in (entry for entry in os.listdir("/proc") if entry.isdecimal()):
        try:
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(name.encode()):
                return True
        except OSError:
            continue
    return False
