"""Ten small tasks for a small model, each with a check of what is in the folder afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Task:
    """``holds(folder, answer)`` is the check; ``files`` are there before the task begins."""

    name: str
    prompt: str
    holds: Callable[[Path, str], bool]
    files: dict[str, str] = field(default_factory=dict)

    def prepare(self, folder: Path) -> None:
        """Put the files into an empty folder."""
        for path, text in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)


def _output(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.stdout if done.returncode == 0 else f"exit {done.returncode}: {done.stderr}"


def _read(folder: Path, path: str) -> str:
    file = folder / path
    return file.read_text().strip() if file.is_file() else ""


def _primes(folder: Path, _: str) -> bool:
    words = _output(folder, "hello.py").replace(",", " ").strip("[] \n").split()
    return words == ["2", "3", "5", "7", "11", "13", "17", "19", "23", "29"]


def _renamed(folder: Path, _: str) -> bool:
    text = _read(folder, "shop.py") + _read(folder, "main.py")
    return "old_total" not in text and _output(folder, "main.py").strip() == "6"


def _port(folder: Path, _: str) -> bool:
    try:
        found = json.loads(_read(folder, "config.json"))
    except ValueError:
        return False
    return bool(found == {"host": "localhost", "port": 9090, "debug": False})


def _swept(folder: Path, _: str) -> bool:
    return sorted(path.name for path in folder.iterdir()) == ["a.txt", "keep.md"]


TASKS = (
    Task(
        name="write a script and run it",
        prompt="create hello.py that prints the first ten primes and run it",
        holds=_primes,
    ),
    Task(
        name="write a note in a new folder",
        prompt="Write the file notes/today.txt with one line: buy milk",
        holds=lambda folder, _: _read(folder, "notes/today.txt") == "buy milk",
    ),
    Task(
        name="fix a bug until the test passes",
        prompt="python test_calc.py fails. Fix the bug in calc.py so that it passes.",
        files={
            "calc.py": "def add(a, b):\n    return a - b\n\n\ndef double(a):\n    return 2 * a\n",
            "test_calc.py": "from calc import add, double\n\nassert add(2, 3) == 5\n"
            "assert double(4) == 8\nprint('passed')\n",
        },
        holds=lambda folder, _: (
            _output(folder, "test_calc.py") == "passed\n"
            and "assert add(2, 3) == 5" in _read(folder, "test_calc.py")
        ),
    ),
    Task(
        name="rename a function in two files",
        prompt="Rename the function old_total to order_total in shop.py and in main.py.",
        files={
            "shop.py": "def old_total(prices):\n    return sum(prices)\n",
            "main.py": "from shop import old_total\n\nprint(old_total([1, 2, 3]))\n",
        },
        holds=_renamed,
    ),
    Task(
        name="count lines into a file",
        prompt="Count the lines of data.csv and write just the number to count.txt.",
        files={"data.csv": "".join(f"row{number},{number * 7}\n" for number in range(37))},
        holds=lambda folder, _: _read(folder, "count.txt") == "37",
    ),
    Task(
        name="change one value of a JSON file",
        prompt="In config.json change the port to 9090.",
        files={"config.json": '{\n  "host": "localhost",\n  "port": 8080,\n  "debug": false\n}\n'},
        holds=_port,
    ),
    Task(
        name="find where a function is defined",
        prompt="Which file in this folder defines the function parse_date? Name the file.",
        files={
            "app.py": "from tools import parse_date\n\nprint(parse_date('2026-01-02'))\n",
            "tools.py": "import clock\n\n\ndef parse_date(text):\n    return text.split('-')\n",
            "clock.py": "def now():\n    return 0\n",
        },
        holds=lambda _, answer: "tools.py" in answer and "app.py" not in answer,
    ),
    Task(
        name="delete some files and keep others",
        prompt="Delete all files that end in .tmp in this folder. Keep the others.",
        files={"a.txt": "a\n", "b.tmp": "b\n", "c.tmp": "c\n", "keep.md": "keep\n"},
        holds=_swept,
    ),
    Task(
        name="add a function to a module",
        prompt="Add a function farewell(name) to greet.py that returns 'Goodbye, ' plus the name.",
        files={"greet.py": "def hello(name):\n    return 'Hello, ' + name\n"},
        holds=lambda folder, _: (
            _output(folder, "-c", "import greet; print(greet.farewell('Ada'), greet.hello('Bo'))")
            == "Goodbye, Ada Hello, Bo\n"
        ),
    ),
    Task(
        name="add up numbers",
        prompt="Write the sum of all numbers in numbers.txt to sum.txt.",
        files={"numbers.txt": "12\n7\n30\n1\n50\n"},
        holds=lambda folder, _: _read(folder, "sum.txt") == "100",
    ),
)
