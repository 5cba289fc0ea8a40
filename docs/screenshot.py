"""The picture in the README: a scripted model mends a bug in the real app, with real tools.

Run it from anywhere: ``.venv/bin/python docs/screenshot.py`` writes ``screenshot.png`` beside it.
It works in a temporary home, asks no network, and needs chromium to turn the SVG into a PNG.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ion_core.ids import new_session_id
from ion_core.messages import user
from ion_core.runtime import Runtime
from ion_core.sessions.base import Append, Change, SessionInfo
from ion_core.sessions.project import project_id
from ion_core.sessions.sqlite import SqliteStore
from ion_tui.app import IonApp

PNG = Path(__file__).with_name("screenshot.png")
SIZE = (160, 45)
SCALE = 1.25
SHOWN_HOME = "/home/shopper"
"""In the place of the temporary home, whose name is as long: columns stay where they are."""
FONT = "'DejaVu Sans Mono', Menlo, 'Liberation Mono', monospace"
HOUR, DAY = 3600, 86400

MODEL = "openai/gpt-5.6"
PROMPT = "The totals are wrong for empty carts. Find out why and fix it."

FILES = {
    "cart.py": '''\
"""What a customer is about to buy."""

SHIPPING = 4.90
FREE_FROM = 50.00


def subtotal(cart):
    return sum(price * count for price, count in cart)


def total(cart):
    goods = subtotal(cart)
    shipping = 0 if goods >= FREE_FROM else SHIPPING
    return round(goods + shipping, 2)
''',
    "test_cart.py": """\
import unittest

from cart import total


class Totals(unittest.TestCase):
    def test_small_cart_pays_shipping(self):
        self.assertEqual(total([(9.50, 2)]), 23.90)

    def test_large_cart_ships_free(self):
        self.assertEqual(total([(25.00, 3)]), 75.00)

    def test_empty_cart_is_free(self):
        self.assertEqual(total([]), 0)
""",
}

BEFORE = "    shipping = 0 if goods >= FREE_FROM else SHIPPING\n"
AFTER = "    shipping = 0 if not cart or goods >= FREE_FROM else SHIPPING\n"

ANSWER = """\
An empty cart is worth less than `FREE_FROM`, so `total` added `SHIPPING` to it. It now adds \
nothing when there is **nothing to send**.

| cart | before | now |
|---|---:|---:|
| empty | 4.90 | **0.00** |
| 2 × 9.50 | 23.90 | 23.90 |
| 3 × 25.00 | 75.00 | 75.00 |

All three tests in `test_cart.py` pass.
"""


def _call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def _used(new: int, cached: int, output: int, reasoning: int = 0) -> dict[str, int]:
    return {"input": new, "cache_read": cached, "output": output, "reasoning": reasoning}


STEPS: list[dict[str, Any]] = [
    {
        "reasoning": "Totals of carts: I look for where they are computed, and for tests of them. "
        "An empty cart has a subtotal of zero, so whatever is added afterwards is the suspect.",
        "calls": [_call("grep", pattern="def .*total"), _call("read", path="cart.py")],
        "usage": _used(3_120, 0, 142, 58),
        "delay_s": 0.1,
    },
    {
        "text": "Shipping is added even to nothing. The tests should say so:",
        "calls": [_call("bash", command="python3 -m unittest -q")],
        "usage": _used(480, 3_120, 71),
    },
    {
        "calls": [
            _call("edit", path="cart.py", edits=[{"old_string": BEFORE, "new_string": AFTER}])
        ],
        "usage": _used(390, 3_600, 96),
    },
    {
        "calls": [_call("bash", command="python3 -m unittest -q")],
        "usage": _used(210, 3_990, 38),
    },
    {"text": ANSWER, "usage": _used(160, 4_200, 149)},
]

EARLIER = [
    ("Round prices the way the bank does", 2 * HOUR),
    ("Add a discount code to the checkout", 5 * HOUR),
    ("Why is the stock page slow?", DAY + HOUR),
    ("Write tests for the cart", DAY + 4 * HOUR),
    ("Move the settings to TOML", 3 * DAY),
    ("Upgrade to Python 3.13", 4 * DAY),
]
"""Titles of older sessions, and how long ago they were, in seconds."""


def main() -> int:
    """Take the picture; 1 where no browser can draw it."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("chromium draws the PNG, and is not installed: put it on the PATH.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="", dir="/tmp") as name:
        home = Path(name).resolve()
        folder = _shop(home)
        svg = asyncio.run(_play(home, folder))
        _draw(browser, svg.replace(str(home), SHOWN_HOME), home)
    print(f"{PNG.name}: {PNG.stat().st_size // 1024} KB")
    return 0


def _shop(home: Path) -> Path:
    """A home of ion's with a scripted model, and a repository in it to work on."""
    os.environ.update(HOME=str(home), ION_HOME=str(home / ".ion"))
    folder = home / "shop"
    folder.mkdir()
    for file, text in FILES.items():
        (folder / file).write_text(text)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    (home / ".ion").mkdir()
    script = home / ".ion" / "script.json"
    script.write_text(json.dumps(STEPS))
    provider, model = MODEL.split("/")
    (home / ".ion" / "config.toml").write_text(
        f'model = "{MODEL}"\n[providers.{provider}]\nprotocol = "scripted"\napi_key = "none"\n'
        f'base_url = {json.dumps(str(script))}\n[providers.{provider}.models."{model}"]\n'
        "context_window = 400000\nprice = { input = 1.25, output = 10.0, cache_read = 0.125 }\n"
    )
    return folder


async def _play(home: Path, folder: Path) -> str:
    """The last screen of the session, as an SVG."""
    now = time.time()
    for title, age_s in reversed(EARLIER):
        await _keep(home / ".ion" / "sessions.db", folder, title, now - age_s)

    async def factory() -> Runtime:
        return Runtime(folder)

    app = IonApp(factory, folder=folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.runtime()
        app.main.composer.prompt.insert(PROMPT)
        await pilot.press("enter")
        await _until(lambda: (view := app.main.view) is not None and view.ended is not None)
        await pilot.pause(1.0)
        return app.export_screenshot(title="ion")


async def _keep(path: Path, folder: Path, title: str, at: float) -> None:
    """Put a session of that moment into the store."""
    store = await SqliteStore.open(path, clock=lambda: at)
    info = SessionInfo(
        id=new_session_id(lambda: at),
        project=project_id(folder),
        cwd=str(folder),
        model=MODEL,
        created_at=at,
        updated_at=at,
    )
    await store.create(info, [Append(body=user(title)), Change(title=title, title_source="user")])
    await store.aclose()


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not done():  # noqa: ASYNC110 - the screen says nothing when it is done
            await asyncio.sleep(0.05)


def _draw(browser: str, svg: str, scratch: Path) -> None:
    """Turn the SVG into the PNG, in a font of this machine: the one it names is on the web."""
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: Fira Code[^;]*", f"font-family: {FONT}", svg)
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    page = scratch / "page.html"
    page.write_text(
        "<!doctype html><meta charset=utf-8><style>body{margin:0}svg{display:block}</style>" + svg
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    options += ["--default-background-color=00000000", f"--force-device-scale-factor={SCALE}"]
    options += [f"--window-size={int(float(width))},{int(float(height))}", f"--screenshot={PNG}"]
    subprocess.run([browser, *options, str(page)], check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    sys.exit(main())
