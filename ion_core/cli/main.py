"""The command line: which command was meant, and nothing of any other.

Only the chosen command's module is imported and only its options are built, since argparse costs
2 ms a subcommand. Errors that a person can mend end here as one sentence on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from ion_core import __version__, streams

if TYPE_CHECKING:
    import argparse

COMMANDS = {
    "run": "do one task without a screen",
    "init": "write AGENTS.md for this repository, by the agent itself",
    "sessions": "list, show, rename and delete sessions",
    "models": "the models that can be used here",
    "login": "paste a key or log in to a provider, once",
    "logout": "forget a login",
    "auth": "which source gives each provider's key",
    "stats": "what models cost, and how much came from caches",
    "config": "show, explain and change the configuration",
    "sandbox": "what protects this machine, and one command inside it",
    "local": "install or remove the embedded model",
    "doctor": "what works here, what does not, and how to mend it",
    "mcp": "MCP servers: add, list, test and remove them",
    "skills": "which skills there are here",
    "commands": "which commands of your own there are here",
    "agents": "which kinds of agents there are here",
    "hooks": "which hooks there are here, and what they say",
    "policy": "what a mode would do with a command, a path or a URL",
    "replay": "show a recorded run again",
    "debug": "how a recorded answer is understood, for bug reports",
}
_NARROWEST, _USUAL = 20, 78

App = Callable[["argparse.Namespace"], int]


def main(argv: Sequence[str] | None = None, app: App | None = None) -> int:
    """Do what the arguments say; the exit code. ``app`` opens the full-screen app."""
    streams.prepare()
    args = list(sys.argv[1:] if argv is None else argv)
    if args[:1] in (["--version"], ["-V"]):
        print(f"ion {__version__}")
        return 0
    if args[:1] in (["-p"], ["--print"]):
        args[0] = "run"
    try:
        return _dispatch(args, app)
    except BrokenPipeError:  # whoever read the output has seen enough
        streams.lose(sys.stdout)
        return 1
    except OSError as error:
        print(f"ion: {error}", file=sys.stderr)
        streams.lose(sys.stdout)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception:
        return _crashed()


def _crashed() -> int:
    """Say what broke, for a bug report, without any secret that stands in it."""
    import traceback
    from pathlib import Path

    from ion_core.config.paths import ion_home
    from ion_core.known_secrets import known_secrets
    from ion_core.providers.redaction import redacted

    said = traceback.format_exc()
    print(redacted(said, known_secrets(ion_home(), Path.cwd())).rstrip(), file=sys.stderr)
    print("ion: this is a fault of ion's own. Please report the lines above.", file=sys.stderr)
    return 1


def _dispatch(args: list[str], app: App | None) -> int:
    if args and args[0] in COMMANDS:
        return _command(args[0], args[1:], app)
    if args[:1] == ["help"] or app is None:
        print(overview())
        return 0 if args[:1] in (["help"], ["--help"], ["-h"]) else 2
    return _guarded(lambda: app(app_options(args)))


def _command(name: str, args: list[str], app: App | None) -> int:
    import argparse

    module = import_module(f"ion_core.cli.{name}")
    parser = argparse.ArgumentParser(
        prog=f"ion {name}",
        description=COMMANDS[name].capitalize(),
        formatter_class=partial(argparse.HelpFormatter, width=_columns()),
    )
    module.configure(parser)
    if name == "mcp" and args[:1] == ["add"] and "--" in args:  # what follows is another's
        at = args.index("--")
        args, program = args[:at], args[at + 1 :]
        options = parser.parse_args(args, argparse.Namespace(app=app))
        options.program += program
    else:
        options = parser.parse_args(args, argparse.Namespace(app=app))
    return _guarded(lambda: int(module.run(options)))


def _columns() -> int:
    """How wide help may be. argparse itself would import shutil for it, at every start."""
    with suppress(ValueError, OSError):  # no number, no terminal
        wide = int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(1).columns
        return max(wide, _NARROWEST) - 2
    return _USUAL


def _guarded(act: Callable[[], int]) -> int:
    """Run, turning errors of the tree into a sentence and an exit code."""
    from ion_core.errors import ConfigError, IonError, NotAsked, NotTrusted

    try:
        return act()
    except (ConfigError, NotAsked) as error:
        print(f"ion: {error}", file=sys.stderr)
        return 2
    except NotTrusted as error:
        print(f"ion: {error}", file=sys.stderr)
        return 3
    except IonError as error:
        print(f"ion: {error}", file=sys.stderr)
        return 75 if error.retryable else 1


def app_options(args: list[str]) -> argparse.Namespace:
    """The options of the full-screen app."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="ion",
        description="A coding agent in the terminal.",
        epilog=overview(),
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=_columns()),
    )
    parser.add_argument("path", nargs="?", default=".", help="the folder to work in")
    add_session_options(parser)
    parser.add_argument("--version", action="version", version=f"ion {__version__}")
    return parser.parse_args(args)


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """What the app and ``ion run`` have in common."""
    parser.add_argument("-m", "--model", default="", help="provider/model[:effort]")
    parser.add_argument("--mode", choices=("read", "plan", "write"), help="what tools may do")
    parser.add_argument(
        "--sandbox",
        choices=("auto", "required", "off"),
        help="whether commands run in a sandbox (required: or not at all)",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "-c", "--continue", dest="latest", action="store_true", help="the newest session here"
    )
    which.add_argument(
        "-r", "--resume", metavar="ID", nargs="?", const="", help="a session by its id"
    )
    parser.add_argument("--trust-once", action="store_true", help="trust this folder for this run")


def overview() -> str:
    """The list of commands."""
    rows = "\n".join(f"  ion {name:<9} {text}" for name, text in COMMANDS.items())
    return (
        "ion [PATH]     opens the app in a folder\n"
        f"{rows}\n\nEvery command explains itself: ion run --help"
    )
