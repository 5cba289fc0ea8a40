"""An agent of the background is done while its session is idle."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ion_core.runtime import Runtime

STARTS = {
    "calls": [
        {
            "name": "task",
            "arguments": {
                "agent": "explorer",
                "prompt": "Look.",
                "description": "look",
                "background": True,
            },
        }
    ]
}
CONFIG = """\
model = "play/script"
small_model = "small/finder"
[agents]
autowake = {wakes}
[sessions]
titles = false
[providers.play]
protocol = "scripted"
base_url = "{home}/play.json"
[providers.small]
protocol = "scripted"
base_url = "{home}/small.json"
"""


@pytest.mark.parametrize(("wakes", "last"), [("true", "I heard."), ("false", "It looks.")])
async def test_it_wakes_its_session_only_where_that_is_wanted(
    tmp_path: Path, ion_home: Path, wakes: str, last: str
) -> None:
    ion_home.mkdir(exist_ok=True)
    steps = [STARTS, {"text": "It looks."}, {"text": "I heard."}]
    (ion_home / "play.json").write_text(json.dumps(steps))
    (ion_home / "small.json").write_text(json.dumps([{"text": "Found.", "delay_s": 0.2}]))
    (ion_home / "config.toml").write_text(CONFIG.format(home=ion_home, wakes=wakes))
    async with Runtime(tmp_path, interactive=True, trusted=True) as runtime:
        session = await runtime.open()
        await session.submit("go")
        await session.idle()
        async with asyncio.timeout(20):
            while any(child.ended is None for child in session.view.children.values()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        await session.idle()
        assert [child.ended.status for child in session.view.children.values() if child.ended] == [
            "done"
        ]
        answers = [e.body.text for e in session.view.entries if e.body.role == "assistant"]  # type: ignore[union-attr]
        assert answers[-1] == last
        assert len(session.view.queue) == (0 if wakes == "true" else 1)
