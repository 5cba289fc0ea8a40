"""Which of a provider's sources gives its key."""

from __future__ import annotations

import asyncio
import subprocess

import pytest
from msgspec.structs import replace

from ion_core.config.builtin import BUILTIN
from ion_core.config.keys import read_key
from ion_core.config.provider_schema import ProviderSettings
from ion_core.errors import ConfigError, Unauthorised
from tests.fakes.authorisation import Person

GROQ = BUILTIN["groq"]


async def key(accounts, provider="groq") -> str:
    return (await accounts.credential(provider).grant()).key


async def test_sources_win_in_their_order(make, tmp_path):
    (tmp_path / "key").write_text("from-file\n")
    accounts = make()
    await accounts.log_in("groq", "key", Person("from-login"))
    file, env = "~/key", {"GROQ_API_KEY": "from-env"}
    rows = [
        ({}, GROQ, "login", "from-login"),
        (env, GROQ, "GROQ_API_KEY", "from-env"),
        (env, replace(GROQ, api_key_file=file), "file", "from-file"),
        (env, replace(GROQ, api_key_file=file, api_key="from-toml"), "config", "from-toml"),
        (env, replace(GROQ, api_key="$(echo from-command)"), "command", "from-command"),
    ]
    for variables, settings, source, expected in rows:
        accounts = make(env=variables, providers={"groq": settings})
        assert accounts.account("groq").source == source
        assert accounts.has_key("groq")
        assert await key(accounts) == expected


async def test_also_names_the_sources_that_lose(make):
    accounts = make(env={"GROQ_API_KEY": "k"}, providers={"groq": replace(GROQ, api_key="t")})
    await accounts.log_in("groq", "key", person := Person("pasted"))
    assert accounts.account("groq").source == "config"
    assert accounts.account("groq").also == ("GROQ_API_KEY", "login")
    assert "the configuration gives a key too, and wins" in person.told[-1]


async def test_google_answers_to_both_names(make):
    assert make(env={"GOOGLE_API_KEY": "g"}).account("google").source == "GOOGLE_API_KEY"
    both = make(env={"GOOGLE_API_KEY": "g", "GEMINI_API_KEY": "e"})
    assert await key(both, "google") == "e"
    assert make(env={"AWS_BEARER_TOKEN_BEDROCK": "b"}).has_key("bedrock")


async def test_a_command_runs_once_and_only_when_a_key_is_needed(make, tmp_path):
    log = tmp_path / "runs"
    settings = replace(GROQ, api_key=f"$(echo ran >>{log}; echo ' spaced-key ')")
    accounts = make(providers={"groq": settings})
    assert accounts.has_key("groq")
    assert not log.exists()
    assert [await key(accounts), await key(accounts)] == ["spaced-key"] * 2
    assert log.read_text() == "ran\n"


async def test_a_command_runs_again_when_its_key_is_refused(make, tmp_path):
    file = tmp_path / "token"
    file.write_text("old-token")
    credential = make(providers={"groq": replace(GROQ, api_key=f"$(cat {file})")}).credential(
        "groq"
    )
    refused = await credential.grant()
    assert await credential.renew(refused) is False
    file.write_text("new-token")
    assert await credential.renew(refused) is True
    assert (await credential.grant()).key == "new-token"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("echo top-secret; echo top-secret >&2; exit 7", "exit code 7"),
        ("true", "printed nothing"),
        ("echo two words", "characters that no key has"),
        ("printf 'sch\\303\\266n'", "characters that no key has"),
    ],
)
async def test_a_command_that_fails_is_a_sentence_without_its_output(make, command, sentence):
    accounts = make(providers={"groq": replace(GROQ, api_key=f"$({command})")})
    with pytest.raises(Unauthorised, match=sentence) as caught:
        await key(accounts)
    assert "groq" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "words" not in str(caught.value)


@pytest.mark.parametrize("rest", ["wait", "true"])
async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path, rest):
    pid = tmp_path / "pid"
    command = f"sleep 60 & echo $! >{pid}; {rest}"
    settings = replace(GROQ, api_key=f"$({command})")
    with pytest.raises(Unauthorised, match="the key of groq took more than"):
        await read_key("groq", settings, {"PATH": "/usr/bin:/bin"}, limit_s=2.0)
    for _ in range(500):  # nobody is told when a process that is not our child is gone
        if not is_running(int(pid.read_text())):
            break
        await asyncio.sleep(0.01)
    assert not is_running(int(pid.read_text()))


def is_running(pid: int) -> bool:
    """Whether it still does anything; a zombie does not."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")


async def test_a_key_file_that_is_absent_or_empty_is_said(make, tmp_path):
    accounts = make(
        env={"GROQ_API_KEY": "k"}, providers={"groq": replace(GROQ, api_key_file="~/none")}
    )
    with pytest.raises(Unauthorised, match=r"none: No such file"):
        await key(accounts)
    (tmp_path / "none").write_text("\n")
    with pytest.raises(Unauthorised, match="empty"):
        await key(accounts)


async def test_without_any_source_the_sentence_says_what_to_do(make):
    with pytest.raises(Unauthorised, match="Set GROQ_API_KEY, or: ion login groq"):
        await key(make())
    with pytest.raises(Unauthorised, match="ion login chatgpt"):
        await key(make(), "chatgpt")


async def test_a_server_that_needs_no_key_is_given_none(make):
    own = ProviderSettings(base_url="http://127.0.0.1:1/v1")
    accounts = make(providers={"work": own})
    assert await key(accounts, "work") == ""
    assert await key(accounts, "ollama") == ""
    assert not accounts.has_key("work")


async def test_the_token_of_a_claude_plan_is_refused_wherever_it_comes_from(make):
    accounts = make(env={"ANTHROPIC_API_KEY": "sk-ant-oat01-abc"})
    with pytest.raises(Unauthorised, match=r"console\.anthropic\.com") as caught:
        await key(accounts, "anthropic")
    assert "abc" not in str(caught.value)


async def test_every_provider_has_an_account(make):
    accounts = {account.provider: account for account in make().all()}
    assert set(accounts) == set(BUILTIN)
    assert accounts["openrouter"].ways == ("browser", "key")
    assert accounts["chatgpt"].ways == ("browser", "device")
    assert accounts["copilot"].ways == ("device",)
    assert accounts["local"].ways == ()
    assert accounts["groq"].ways == ("key",)
    assert accounts["chatgpt"].notice
    assert accounts["copilot"].notice
    assert not accounts["openrouter"].notice
    with pytest.raises(ConfigError, match="did you mean `groq`"):
        make().account("grok-groq")
