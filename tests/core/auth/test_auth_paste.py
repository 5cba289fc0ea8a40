"""Pasting a key, and taking it back."""

from __future__ import annotations

import asyncio

import pytest

from ion_core.errors import ConfigError, Unauthorised
from ion_core.providers.auth.store import AuthStore
from tests.fakes.authorisation import Person


async def granted(accounts, provider="groq") -> str:
    return (await accounts.credential(provider).grant()).key


async def test_a_pasted_key_is_kept_and_asked_for_in_secret(make):
    person = Person("  gsk_12345678 \n")
    await make().log_in("groq", "key", person)
    assert person.questions == [("Key for groq:", True)]
    assert await granted(make()) == "gsk_12345678"


async def test_a_login_reaches_a_credential_that_was_there_before(make):
    accounts = make()
    credential = accounts.credential("groq")
    with pytest.raises(Unauthorised):
        await credential.grant()
    await accounts.log_in("groq", "key", Person("gsk_first"))
    refused = await credential.grant()
    await make().log_in("groq", "key", Person("gsk_second"))  # another process
    assert await credential.renew(refused) is True
    assert (await credential.grant()).key == "gsk_second"


@pytest.mark.parametrize("pasted", ["", "  ", "two words", "schlüssel", "tab\there", "a\x1b[0m"])
async def test_what_can_be_no_key_is_refused_and_nothing_is_kept(make, home, pasted):
    with pytest.raises(Unauthorised):
        await make().log_in("groq", "key", Person(pasted))
    assert not (home / "auth.json").exists()


@pytest.mark.parametrize(
    ("provider", "way"),
    [("anthropic", "browser"), ("claude", "key"), ("claude-pro", "browser"), ("claude-max", "key")],
)
async def test_a_claude_plan_gets_the_sentence_that_says_what_works(make, provider, way):
    with pytest.raises(ConfigError, match=r"console\.anthropic\.com.*ion login anthropic"):
        await make().log_in(provider, way, Person())


@pytest.mark.parametrize(
    ("provider", "way"),
    [
        ("gemini-code-assist", "key"),
        ("gemini-cli", "browser"),
        ("google-login", "key"),
        ("google", "browser"),
    ],
)
async def test_a_google_plan_gets_the_sentence_that_says_what_works(make, provider, way):
    with pytest.raises(ConfigError, match=r"AI Studio.*Vertex"):
        await make().log_in(provider, way, Person())


async def test_a_plan_token_pasted_as_a_key_is_refused(make, home):
    with pytest.raises(Unauthorised, match="Claude Code and its own apps only"):
        await make().log_in("anthropic", "key", Person("sk-ant-oat01-xyz"))
    assert not (home / "auth.json").exists()


async def test_another_vendors_key_is_kept_only_after_a_yes(make):
    with pytest.raises(Unauthorised, match="Nothing was changed"):
        await make().log_in("openai", "key", person := Person("sk-ant-api03-1", "n"))
    assert "looks like a key of anthropic" in person.told[-1]
    assert not make().has_key("openai")
    await make().log_in("openai", "key", Person("sk-ant-api03-1", "y"))
    assert await granted(make(), "openai") == "sk-ant-api03-1"
    await make().log_in("mistral", "key", Person("gsk_1"), agreed=True)
    assert await granted(make(), "mistral") == "gsk_1"


async def test_giving_up_changes_nothing(make, home):
    with pytest.raises(asyncio.CancelledError):
        await make().log_in("groq", "key", Person("esc"))
    assert not (home / "auth.json").exists()


async def test_a_provider_has_only_its_own_ways(make):
    with pytest.raises(ConfigError, match="groq has no login by browser"):
        await make().log_in("groq", "browser", Person())
    with pytest.raises(ConfigError, match="local needs no login"):
        await make().log_in("local", "key", Person())
    with pytest.raises(ConfigError, match="ion login chatgpt"):
        await make().log_in("openai", "browser", Person())


async def test_logout_forgets_and_says_what_remains(make):
    accounts = make()
    await accounts.log_in("groq", "key", Person("gsk_1"))
    person = Person()
    assert await accounts.log_out("groq", person) is True
    assert "stays valid" in person.told[0]
    assert await accounts.log_out("groq") is False
    assert not accounts.has_key("groq")
    with pytest.raises(Unauthorised):
        await accounts.credential("groq").grant()


async def test_no_secret_is_in_a_repr(make, home):
    accounts = make(env={"XAI_API_KEY": "xai-secret"})
    await accounts.log_in("groq", "key", Person("gsk_secret"))
    shown = [accounts, accounts.all(), AuthStore(home).logins(), accounts.credential("groq")]
    shown += [await accounts.credential(name).grant() for name in ("groq", "xai")]
    assert "secret" not in repr(shown)
