"""``ion run``: one task without a screen."""

from __future__ import annotations

import argparse
import gc
import os
import stat
import sys
from pathlib import Path

from ion_core.cli.main import add_session_options
from ion_core.errors import ConfigError


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion run``."""
    parser.add_argument("prompt", nargs="*", help="the task; - reads standard input")
    add_session_options(parser)
    parser.add_argument(
        "--output-format",
        choices=("text", "json", "stream-json"),
        default="text",
        metavar="F",
        help="text (the answer), json (one result) or stream-json (one event a line)",
    )
    parser.add_argument("--max-turns", type=_count, metavar="N", help="at most N model requests")
    parser.add_argument("--max-cost", type=_dollars, metavar="USD", help="at most so many dollars")
    parser.add_argument("--max-tokens", type=_count, metavar="N", help="at most N tokens")
    parser.add_argument(
        "--image", action="append", default=[], metavar="PATH", help="a picture to look at"
    )
    parser.add_argument(
        *("-f", "--file"),
        action="append",
        default=[],
        metavar="PATH",
        help="a file or folder that the task is about, as @PATH in it",
    )
    parser.add_argument(
        "--approve",
        action="append",
        default=[],
        metavar="CALL",
        help="with --resume: let a call run that waited for it (its id, or all)",
    )
    parser.add_argument(
        "--system-prompt", metavar="FILE", help="a template in the place of ion's system prompt"
    )
    parser.add_argument(
        "--append-system-prompt", default="", metavar="TEXT", help="words behind the system prompt"
    )
    parser.add_argument(
        "--mcp-config",
        action="append",
        default=[],
        metavar="FILE",
        help="MCP servers in the form of .mcp.json",
    )
    parser.add_argument("--agent", default="", metavar="NAME", help="run as that kind of agent")
    parser.add_argument(
        "--worktree",
        nargs="?",
        const="",
        metavar="NAME",
        help="work in a git working tree of its own, kept when there is something in it",
    )
    parser.add_argument("--cwd", default=".", metavar="DIR", help="the folder to work in")
    parser.add_argument("--no-session", action="store_true", help="keep nothing on disk")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on standard error")


def _import_msgspec() -> None:
    """Without typing_extensions, which msgspec prefers where it is installed (Textual needs it) for
    three names that Python has had since 3.11: 2 ms and 0.4 MB of every start."""
    name = "typing_extensions"
    if name not in sys.modules:
        sys.modules[name] = None  # type: ignore[assignment]  # what makes an import of it fail
        import msgspec  # noqa: F401

        del sys.modules[name]


def run(options: argparse.Namespace) -> int:
    """Do the task; the exit code."""
    gc.disable()  # start-up: enabled again when the first answer begins
    cwd = folder(options.cwd)
    prompt, piped = _prompt(options.prompt, needed=not options.approve)
    prompt = "\n\n".join([prompt, *map(_mentioned, options.file)])
    if options.approve and not (options.resume or options.latest):
        raise ConfigError("--approve goes with the session that asked: --resume ID --approve CALL")
    if options.resume == "":
        raise ConfigError("--resume needs a session id here. `ion sessions list` shows them.")
    import asyncio

    _import_msgspec()
    from ion_core.headless import Order, carry_out

    order = Order(
        prompt=prompt,
        piped=piped,
        cwd=cwd,
        output=options.output_format,
        quiet=options.quiet,
        model=options.model,
        mode=options.mode,
        sandbox=options.sandbox,
        max_turns=options.max_turns,
        max_cost=options.max_cost,
        max_tokens=options.max_tokens,
        images=tuple(Path(path).expanduser() for path in options.image),
        latest=options.latest,
        resume=options.resume or "",
        keep=not options.no_session,
        approve=tuple(options.approve),
        trusted=options.trust_once,
        agent=options.agent,
        worktree=options.worktree,
        mcp_files=tuple(map(_mcp_file, options.mcp_config)),
        settings=_settings(options),
    )
    return asyncio.run(carry_out(order))


def _settings(options: argparse.Namespace) -> dict[str, object]:
    """What the options say of the system prompt. Raises ``ConfigError`` for a file that is none."""
    found: dict[str, object] = {}
    if options.system_prompt is not None:
        file = Path(options.system_prompt).expanduser().absolute()
        if not file.is_file():
            raise ConfigError(f"{options.system_prompt} is no file. --system-prompt needs one.")
        found["context.system_prompt_file"] = str(file)
    if options.append_system_prompt.strip():
        found["context.append_system_prompt"] = options.append_system_prompt
    return found


def _mcp_file(path: str) -> Path:
    found = Path(path).expanduser().absolute()
    if not found.is_file():
        raise ConfigError(f"{path} is no file. --mcp-config needs one like .mcp.json.")
    return found


def folder(path: str) -> Path:
    """An existing folder. Raises ``ConfigError`` with what to do instead."""
    found = Path(path).expanduser()
    if not found.is_dir():
        hint = "" if found.exists() else f' To give ion a task: ion run "{path}"'
        raise ConfigError(f"{path} is not a folder.{hint}")
    try:
        return found.resolve()
    except FileNotFoundError as error:
        raise ConfigError("The current folder was deleted. Go to another one.") from error


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def _dollars(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = 0.0
    if not 0 < amount < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of US dollars above 0")
    return amount


def _prompt(words: list[str], *, needed: bool) -> tuple[str, str]:
    """The words of the command line, then what a pipe says; and what of it is a pipe's beside
    words."""
    given = " ".join(word for word in words if word != "-").strip()
    piped = (_piped() if sys.stdin and ("-" in words or _is_fed()) else "").strip()
    prompt = "\n\n".join(part for part in (given, piped) if part)
    if not prompt and needed:
        raise ConfigError('ion run needs a task: ion run "fix the failing test", or a pipe.')
    return prompt, piped if given else ""


def _mentioned(path: str) -> str:
    """The words by which a prompt refers to a file. Raises ``ConfigError``."""
    found = Path(path).expanduser().absolute()
    if not found.exists() or '"' in str(found) or "\n" in str(found):
        raise ConfigError(f"{path} is no file or folder that can be attached.")
    return f'@"{found}"'


def _piped() -> str:
    """What standard input says; bytes that are no UTF-8 become U+FFFD."""
    return sys.stdin.buffer.read().decode("utf-8", "replace").replace("\r\n", "\n")


def _is_fed() -> bool:
    """Whether somebody gave a pipe or a file, as against a terminal or /dev/null."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
