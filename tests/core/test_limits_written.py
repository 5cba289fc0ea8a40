"""A limit that a person changes holds at once, and next time too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ion_core.errors import ConfigError
from ion_core.runtime import Runtime
from tests.fakes.scripted_home import scripted_home

ANSWER = {"text": "Hello.", "usage": {"input": 100, "output": 10}}


async def test_an_open_session_obeys_a_limit_that_was_changed(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [ANSWER, ANSWER, ANSWER])
    folder = tmp_path / "ws"
    folder.mkdir()
    async with Runtime(folder, env={**os.environ, **env}, trusted=True) as runtime:
        session = await runtime.open()
        reasons = []
        for limit in (0, 100, 1_000):
            await runtime.set_limit("session_max_tokens", limit)
            await session.submit("go")
            await session.idle()
            assert session.view.ended is not None
            reasons.append(session.view.ended.reason)
        assert reasons == ["done", "budget", "done"]
        with pytest.raises(ConfigError, match="max_tokens"):
            await runtime.set_limit("max_tokns", 1)
    written = (tmp_path / "home" / "config.toml").read_text()
    assert "session_max_tokens = 1000" in written
