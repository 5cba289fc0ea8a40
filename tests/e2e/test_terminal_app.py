"""The real app in a pseudo-terminal: hostile text goes in everywhere, and no control comes out.

What the app itself sends is known, sequence by sequence. Whatever else holds a control, or any of
the invisible characters, came from a payload. A terminal emulator reads along, as a reverse oracle.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyte
import pytest

from tests.fakes.chat_server import Canned, ChatServer, delta, event, refused, said
from tests.fakes.pty_bytes import PtyBytes

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "tui/render/ansi.jsonl").read_text().splitlines()
]
SIZE = (50, 160)
EVERY = os.environ.get("ALL_TESTS") == "1"
SPLITS = 3
"""Of each payload in the ordinary run; ALL_TESTS=1 tries them all."""
LONGEST = 400
"""Characters of a payload here: a model that repeats itself for longer is stopped (longer ones are
cut everywhere in ``test_render_sanitize.py``)."""
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\U000e0000-\U000e007f]"
)
KNOWN = re.compile(
    r"\x1b\[(?:"
    r"(?:(?:[01234579]|2[2-9]|[39][0-7]|10[0-7]|4[0-79]|39|[34]8;(?:5;\d+|2;\d+;\d+;\d+));?)*m"
    r"|\d+;\d+H|\d* q|\?(?:1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2031|2048|25|7)[hl]"
    r"|\?\d+\$p|[<>=]\d*(?:;\d+)?u|\?u|c|>c|6n|1t|14t|16t|18t|2K|H|2J(?=\x1b\[H))"
    r"|\x1b\](?:1[01];\?|8;[^\x07\x1b]*;(?:https?://[\x21-\x7e]*)?)(?:\x07|\x1b\\)"
    r"|\x1b\]22;[a-z-]+(?:\x07|\x1b\\)|\x1b_Gi=\d+[^\x1b]*\x1b\\|\x1b[=>78]"
)
"""What Textual and the app send: colours (never concealed), the cursor, modes, links to the web."""


def positions(payload: str) -> list[int]:
    every = [*range(1, len(payload))] or [0]
    if EVERY:
        return every
    step = max(1, len(every) // SPLITS)
    return every[::step]


def spoken(text: str) -> str:
    """As a model can say it: there is no half a character in UTF-8."""
    return text.encode("utf-8", "replace").decode()


def in_pieces(number: int, payloads: Sequence[str], channel: str) -> Canned:
    """An answer that says each payload again and again, each time cut elsewhere."""
    pieces = [delta(**{channel: "words "})]
    for place, payload in enumerate(payloads):
        for at in positions(payload):
            start = f"\n\n{number}/{place}/{at}: {payload[:at]}"
            pieces.append(delta(**{channel: spoken(start)}))
            pieces.append(delta(**{channel: spoken(f"{payload[at:]} .")}))
    pieces.append(delta(content=f"\n\nEND{number}"))
    pieces.append(event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    return Canned(pieces=[*pieces, b"data: [DONE]\n\n"])


def configured(home: Path, server: ChatServer, model: str = "fake") -> dict[str, str]:
    home.mkdir()
    (home / "config.toml").write_text(
        f"model = {json.dumps('work/' + model)}\n[providers.work]\n"
        f'protocol = "openai-chat"\nbase_url = "{server.base_url}"\nmax_retries = 0\n'
    )
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**keep, "ION_HOME": str(home), "LANG": "C.UTF-8"}


@pytest.fixture
def opened() -> Iterator[list[PtyBytes]]:
    apps: list[PtyBytes] = []
    yield apps
    for app in apps:
        app.close()


def the_app(opened: list[PtyBytes], env: dict[str, str], cwd: Path, *words: str) -> PtyBytes:
    program = "from ion_tui.cli import main; main()"
    opened.append(PtyBytes(["-c", program, "--trust-once", *words], env, cwd, SIZE))
    return opened[-1]


def typed(app: PtyBytes, text: str, until: str) -> None:
    app.type(f"{text}\r")
    app.until(lambda sent: shows(sent, until))


def screen_of(sent: bytes) -> pyte.Screen:
    screen = pyte.Screen(SIZE[1], SIZE[0])
    # It knows neither of these, and would show their letters.
    plain = re.sub(rb"\x1b\[[<>=?][\d;]*u|\x1b\[\?\d+\$p|\x1b_[^\x1b]*\x1b\\", b"", sent)
    plain = re.sub(rb"\x1b\](?:22|11);[a-z?-]*(?:\x07|\x1b\\)", b"", plain)
    pyte.ByteStream(screen).feed(plain)
    return screen


def shows(sent: bytes, text: str) -> bool:
    return text in KNOWN.sub("", sent[-200_000:].decode("utf-8", "replace"))


def assert_clean(sent: bytes, payloads: Sequence[str]) -> None:
    text = sent.decode("utf-8", "replace").replace("\r\n", "\n")
    left = re.sub(r"\x1b[^a-zA-Z\x07]*\Z", "", KNOWN.sub("", text))  # what was half read
    found = FORBIDDEN.search(left)
    assert found is None, ascii(left[max(0, found.start() - 60) : found.end() + 60])
    foreign = [payload for payload in payloads if FORBIDDEN.search(KNOWN.sub("", payload))]
    assert not [payload for payload in foreign if len(payload) > 8 and spoken(payload) in text]
    assert text.count("\x1b[?1049h") == 1
    assert screen_of(sent).title == ""


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["content", "reasoning_content"])
async def test_no_payload_of_a_model_reaches_the_terminal_however_it_is_cut(
    opened: list[PtyBytes], tmp_path: Path, channel: str
) -> None:
    rows = [row["payload"] for row in ROWS if len(row["payload"]) <= LONGEST]
    together = 1 if EVERY else 10
    groups = [rows[at : at + together] for at in range(0, len(rows), together)]
    answers = [in_pieces(number, group, channel) for number, group in enumerate(groups)]
    async with ChatServer(answers) as server:
        app = the_app(opened, configured(tmp_path / "home", server), tmp_path)
        await asyncio.to_thread(app.until, lambda sent: shows(sent, "work/fake"))
        for number in range(len(groups)):
            await asyncio.to_thread(typed, app, f"go {number}x", f"END{number}")
    assert_clean(app.sent, rows)


@pytest.mark.slow
async def test_no_payload_of_tools_names_and_errors_reaches_the_terminal(
    opened: list[PtyBytes], tmp_path: Path
) -> None:
    rows = [spoken(row["payload"]) for row in ROWS if len(row["payload"]) <= LONGEST]
    work = tmp_path / "work"
    for number, payload in enumerate(rows):
        name = f"{number}-{payload}".replace("/", "").replace("\0", "")
        (work / "in").mkdir(parents=True, exist_ok=True)
        (work / "in" / name[:60]).write_text(payload)
    everything = "\n".join(f"{number}: {payload} ." for number, payload in enumerate(rows))
    (work / "all.txt").write_text(everything)
    items = [{"content": payload, "status": "pending"} for payload in rows[:50]]
    some = rows if EVERY else rows[::4]
    answers = [
        said(calls=[("bash", {"command": "cat all.txt"}), ("read", {"path": "all.txt"})]),
        said(calls=[("list", {"path": "in"}), ("glob", {"pattern": "in/*"})]),
        said(calls=[("todo", {"items": items}), ("grep", {"pattern": "1", "context": 2})]),
        said(calls=[("write", {"path": "new.txt", "content": everything})]),
        *(said(calls=[("read", {"path": f"{n}{payload}"})]) for n, payload in enumerate(some)),
        *(said(calls=[(f"t{n}{payload}", {"a": payload})]) for n, payload in enumerate(rows[::9])),
        said("END of tools"),
        refused(400, everything[:1500]),
    ]
    model = "fake" + rows[0] + rows[20]
    async with ChatServer(answers) as server:
        env = configured(tmp_path / "home", server, model)
        app = the_app(opened, env, work)
        await asyncio.to_thread(app.until, lambda sent: shows(sent, "work/fake"))
        await asyncio.to_thread(typed, app, "look", "END of tools")
        await asyncio.to_thread(typed, app, "fail", "0: ")
        for keys in ("\x02", "\x0f", "\x1b"):
            app.type(keys)
        await asyncio.to_thread(typed, app, "more", "0: ")
    assert_clean(app.sent, rows)
