"""Commands that nobody wrote: known ones, cut, spliced, quoted and filled with known tricks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

ROWS = Path(__file__).parents[1] / "core/policy"
CHARACTERS = "'\"\\$`{}()[]<>|&;*?~#!=:,.-/ \t\nabo0\u00a0\u202e"
TRICKS = (
    *(
        "PWNED",
        "-o",
        "-oPWNED",
        "--output=PWNED",
        "-i",
        "-exec",
        "-delete",
        "touch PWNED",
        "./p.sh",
    ),
    *("> PWNED", ">PWNED", "2>&1", ">/dev/null", "< notes.txt", "$(touch PWNED)", "`./p.sh`", "--"),
    *("%n", "PATH", "{-o,PWNED}", "$HOME", '"$HOME"', "*", "src/*.py", "~", "../", "e", "w PWNED"),
    *("xargs", "timeout 5", "env", "LC_ALL=C", "PATH=.", "cd src &&", "cd nested;", "| cat", "&&"),
    *("--pre=./p.sh", "--ext-diff", "-f", "-z", "-c", "-e", "-n", "-r", "link.txt", ".env", "| sh"),
)


def corpus(*expected: str) -> list[str]:
    """The commands of the rows that are expected to be so judged."""
    lines = [
        line
        for name in ("commands.jsonl", "families.jsonl")
        for line in (ROWS / name).read_text().splitlines()
    ]
    rows = [json.loads(line) for line in lines]
    return [str(row["command"]) for row in rows if row["expect"] in expected]


def mutations(seed: int, count: int) -> Iterator[str]:
    """As many commands, the same for the same seed."""
    chance, known, harmless = random.Random(seed), corpus("allow", "ask"), corpus("allow")
    for _ in range(count):
        command = chance.choice(chance.choice((known, harmless)))
        for _ in range(chance.randint(1, 3)):
            command = _mutated(command, known, chance)
        yield command


def _mutated(command: str, known: list[str], chance: random.Random) -> str:
    words, at = command.split(" "), chance.randrange(len(command) + 1)
    match chance.randrange(8):
        case 0:
            return command[:at] + chance.choice(CHARACTERS) + command[at:]
        case 1:
            return command[:at] + command[at + 1 :]
        case 2:
            return command[:at] + chance.choice(CHARACTERS) + command[at + 1 :]
        case 3:
            words.insert(chance.randrange(len(words) + 1), chance.choice(TRICKS))
        case 4:
            words[chance.randrange(len(words))] = chance.choice(TRICKS)
        case 5:
            words[chance.randrange(len(words))] = chance.choice(chance.choice(known).split(" "))
        case 6:
            other = chance.choice(known).split(" ")
            words = (
                words[: chance.randrange(len(words) + 1)] + other[chance.randrange(len(other)) :]
            )
        case _:
            index = chance.randrange(len(words))
            quote = chance.choice("'\"")
            words[index] = f"{quote}{words[index]}{quote}"
    return " ".join(words)
