"""The help of ``ion sessions`` comes without the store, and every subcommand has its work."""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from ion_core.cli import session_options

_HEAVY = ("asyncio", "msgspec", "sqlite3", "ion_core.sessions", "ion_core.config.load")
_PROGRAM = """
import sys
from ion_core.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("imported", *sys.modules)
"""


def actions() -> dict[str, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser()
    session_options.configure(parser)
    found = next(each for each in parser._actions if each.dest == "action")
    return dict(found.choices or {})


@pytest.mark.parametrize("words", [[], ["list"], ["rewind"], ["export"], ["gc"], ["repair"]])
def test_help_imports_nothing_of_the_work(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "sessions", *words, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "usage: ion sessions" in done.stdout
    imported = done.stdout.splitlines()[-1].split()
    assert not [name for name in imported if name.startswith(_HEAVY)]


@pytest.mark.parametrize("name", sorted(set(actions()) - {"repair"}))
def test_every_subcommand_names_work_that_is_there(name: str) -> None:
    module, function = actions()[name].get_default("work")
    work = getattr(import_module(f"ion_core.cli.{module}"), function)
    assert inspect.iscoroutinefunction(work)
