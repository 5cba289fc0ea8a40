"""The first request of a session stays small: its prompt and the schemas of the common tools."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ion_core.context.counter import Counter
from ion_core.context.prompt import system_prompt
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.toolbox import Toolbox, standard_tools

MOST = 1_600


@pytest.mark.parametrize("model", ["gpt-5.6", "claude-sonnet-5", "gemini-3-pro", "qwen3"])
async def test_prompt_and_schemas_are_at_most_1600_tokens(model: str, tmp_path: Path) -> None:
    launcher, counter = ThreadLauncher(), Counter(tmp_path)
    schemas = msgspec.json.encode(Toolbox(standard_tools(launcher)).specs(model)).decode()
    prompt = system_prompt(Path("/home/somebody/a/project"), None, model=model)
    tokens = await counter.count(prompt + schemas, patience_s=60)
    await counter.aclose()
    launcher.close()
    assert tokens is not None
    assert 500 < tokens <= MOST
