from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.config.load import load
from ion_core.errors import ConfigError, Unauthorised
from ion_core.roster import FAVOURITES, Roster, parse_ref
from ion_core.usage import Price


def roster(tmp_path: Path, toml: str = "", **env: str) -> Roster:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(toml)
    return Roster(load(tmp_path, home=home, env=env).settings, env, home)


@pytest.mark.parametrize(
    ("ref", "parts"),
    [
        ("openai/gpt-5.6", ("openai", "gpt-5.6", "")),
        ("openai/gpt-5.6:high", ("openai", "gpt-5.6", "high")),
        ("openrouter/anthropic/claude-sonnet-5", ("openrouter", "anthropic/claude-sonnet-5", "")),
        ("ollama/qwen3:8b", ("ollama", "qwen3:8b", "")),
        ("ollama/qwen3:8b:low", ("ollama", "qwen3:8b", "low")),
    ],
)
def test_a_written_model_is_taken_apart(ref: str, parts: tuple[str, str, str]) -> None:
    assert parse_ref(ref) == parts


@pytest.mark.parametrize("ref", ["gpt-5.6", "openai/", "/gpt", ""])
def test_something_else_is_refused_with_an_example(ref: str) -> None:
    with pytest.raises(ConfigError, match="provider/model"):
        parse_ref(ref)


async def test_the_configured_model_wins_over_a_key(tmp_path: Path) -> None:
    known = roster(tmp_path, 'model = "groq/x"\n', OPENAI_API_KEY="k", GROQ_API_KEY="g")
    assert await known.default() == "groq/x"


async def test_a_key_in_the_environment_is_enough(tmp_path: Path) -> None:
    known = roster(tmp_path, DEEPSEEK_API_KEY="k")
    assert await known.default() == f"deepseek/{FAVOURITES['deepseek']}"
    choice = await known.resolve("")
    assert choice.ref == f"deepseek/{FAVOURITES['deepseek']}"
    await known.aclose()


async def test_a_missing_key_is_said_by_the_name_of_its_variable(tmp_path: Path) -> None:
    with pytest.raises(Unauthorised, match="OPENAI_API_KEY"):
        await roster(tmp_path).resolve("openai/gpt-5.6")


async def test_an_unknown_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nope"):
        await roster(tmp_path).resolve("nope/x")


async def test_six_lines_of_toml_make_a_model(tmp_path: Path) -> None:
    known = roster(
        tmp_path,
        'model = "work/coder:high"\n'
        "[providers.work]\n"
        'base_url = "http://127.0.0.1:9/v1/"\n'
        '[providers.work.models."coder"]\n'
        "context_window = 131072\n"
        "price = { input = 0.2, output = 0.8 }\n",
    )
    choice = await known.resolve("")
    assert choice.ref == "work/coder:high"
    assert choice.model.window == 131_072
    assert choice.model.price == Price(input=0.2, output=0.8)
    assert choice.provider.origin("coder").base_url == "http://127.0.0.1:9/v1"
    await known.aclose()


async def test_a_provider_is_built_once(tmp_path: Path) -> None:
    known = roster(tmp_path, OPENAI_API_KEY="k")
    first, second = await known.resolve("openai/a"), await known.resolve("openai/b")
    assert first.provider is second.provider
    await known.aclose()
