"""Logging in with a code on another machine: GitHub's and ChatGPT's device flows."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from ion_core.config.builtin import BUILTIN
from ion_core.errors import ConfigError, Unauthorised
from ion_core.providers.auth.copilot import site_of
from tests.fakes.authorisation import ACCOUNT, Person

PENDING = (200, {"error": "authorization_pending"})
APP = {"copilot": replace(BUILTIN["copilot"], client_id="Iv1.mine")}


class Waits:
    """Counts seconds instead of letting them pass."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


async def test_copilot_waits_until_the_code_was_entered(make, server):
    slow, done = (200, {"error": "slow_down"}), (200, {"access_token": "gho_1"})
    server.device_answers = [PENDING, slow, PENDING, done]
    accounts = make(server=server, providers=APP, pause=(waits := Waits()))
    await accounts.log_in("copilot", "device", person := Person("y"))
    assert person.links == [(f"{server.site}/login/device", "ABCD-1234")]
    assert waits.seconds == [6.0, 6.0, 11.0, 11.0]
    assert (await accounts.credential("copilot").grant()).key == "gho_1"
    assert server.asked[0][1] == {"client_id": "Iv1.mine", "scope": "read:user"}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"error": "expired_token"}, "was not entered within 1 minutes"),
        ({"error": "access_denied"}, "declined at GitHub"),
        ({"error": "incorrect_device_code", "secret": "x-secret"}, "incorrect_device_code"),
    ],
)
async def test_copilot_says_why_it_did_not_work(make, server, answer, sentence):
    server.device_answers = [PENDING, (200, answer)]
    accounts = make(server=server, providers=APP, pause=Waits())
    with pytest.raises(Unauthorised, match=sentence) as caught:
        await accounts.log_in("copilot", "device", Person("y"))
    assert "secret" not in str(caught.value)
    assert not accounts.has_key("copilot")


async def test_a_code_that_nobody_enters_expires(make, server):
    server.device_answers = [PENDING] * 20
    accounts = make(server=server, providers=APP, pause=(waits := Waits()))
    with pytest.raises(Unauthorised, match="not entered within"):
        await accounts.log_in("copilot", "device", Person("y"))
    assert sum(waits.seconds) == 60.0


async def test_copilot_needs_an_app_of_ones_own(make, server):
    with pytest.raises(ConfigError, match=r"ion config set providers\.copilot\.client_id"):
        await make(server=server).log_in("copilot", "device", person := Person())
    assert (server.asked, person.questions) == ([], [])


async def test_chatgpt_by_device(make, server):
    server.device_answers = [(403, {}), (404, {}), (200, server.allow_device())]
    accounts = make(server=server, pause=(waits := Waits()))
    await accounts.log_in("chatgpt", "device", person := Person(), agreed=True)
    assert person.links == [(f"{server.site}/codex/device", "WXYZ")]
    assert waits.seconds == [6.0] * 3
    grant = await accounts.credential("chatgpt").grant()
    assert grant.headers["chatgpt-account-id"] == ACCOUNT


async def test_chatgpt_by_device_ends_after_15_minutes(make, server):
    server.device_answers = [(403, {})] * 200
    accounts = make(server=server, pause=(waits := Waits()))
    with pytest.raises(Unauthorised, match="within 15 minutes"):
        await accounts.log_in("chatgpt", "device", Person(), agreed=True)
    assert sum(waits.seconds) == 900.0


async def test_a_server_that_stumbles_is_asked_again(make, server):
    server.device_answers = [(503, {}), (200, {"access_token": "gho_1"})]
    accounts = make(server=server, providers=APP, pause=Waits())
    await accounts.log_in("copilot", "device", Person("y"))
    assert accounts.has_key("copilot")


def test_an_enterprise_logs_in_at_its_own_host():
    assert site_of("https://copilot-api.acme.ghe.com", "usual") == "https://acme.ghe.com"
    assert site_of("https://api.githubcopilot.com", "usual") == "usual"


async def test_what_a_server_says_cannot_steer_the_terminal(make, server):
    evil = {"device_code": "d", "user_code": "\x1b[2J", "verification_uri": "file:///etc"}
    server.device_begins = evil
    accounts = make(server=server, providers=APP, pause=Waits())
    with pytest.raises(Unauthorised, match="did not begin the login"):
        await accounts.log_in("copilot", "device", Person("y"))
    server.device_begins = evil | {"user_code": "AB", "interval": "nan", "expires_in": -1}
    server.device_answers = [(200, {"access_token": "gho_1"})]
    await accounts.log_in("copilot", "device", person := Person("y"))
    assert person.links == [(f"{server.site}/login/device", "AB")]
