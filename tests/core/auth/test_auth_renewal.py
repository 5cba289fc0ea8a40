"""Tokens that end: renewed in time, once, and never lost."""

from __future__ import annotations

import asyncio

import pytest

from ion_core.errors import ConnectionFailed, Overloaded, Unauthorised
from ion_core.providers.auth.logins import Tokens
from ion_core.providers.auth.plan_key import PlanKey
from ion_core.providers.auth.store import AuthStore
from ion_core.providers.credential import Granted

NOW = 1_000_000.0


async def log_in(home, server, *, left_s: float) -> Tokens:
    issued = server.issue()
    tokens = Tokens(
        access=issued["access_token"],
        refresh=issued["refresh_token"],
        expires_at=NOW + left_s,
        account="acct",
    )
    async with AuthStore(home).writing() as book:
        book.put("chatgpt", tokens)
    return tokens


def plan_key(home, server) -> PlanKey:
    return PlanKey(AuthStore(home), server.site, lambda: NOW)


def renewals(server) -> int:
    return sum(1 for path, _ in server.asked if path == "/oauth/token")


async def test_a_token_with_life_left_is_used_as_it_is(home, server):
    await log_in(home, server, left_s=301)
    assert (await plan_key(home, server).grant()).key == "access-1"
    assert renewals(server) == 0


@pytest.mark.parametrize("left_s", [299, 0, -5000])
async def test_a_token_near_its_end_is_renewed_and_kept(home, server, left_s):
    await log_in(home, server, left_s=left_s)
    key = plan_key(home, server)
    assert [(await key.grant()).key, (await key.grant()).key] == ["access-2", "access-2"]
    kept = AuthStore(home).logins()["chatgpt"]
    assert isinstance(kept, Tokens)
    assert (kept.refresh, kept.expires_at) == ("refresh-2", NOW + 3600)
    assert renewals(server) == 1


async def test_many_requests_at_once_renew_once(home, server):
    await log_in(home, server, left_s=10)
    one, other = plan_key(home, server), plan_key(home, server)
    grants = await asyncio.gather(*(key.grant() for key in [one, other] * 5))
    assert {grant.key for grant in grants} == {"access-2"}
    assert renewals(server) == 1


async def test_a_refused_token_is_renewed_once_for_all_who_had_it(home, server):
    await log_in(home, server, left_s=9000)
    one, other = plan_key(home, server), plan_key(home, server)
    refused = await one.grant()
    assert await other.grant() == refused
    assert await one.renew(refused) is True
    assert await other.renew(refused) is True
    assert renewals(server) == 1
    assert (await other.grant()).key == (await one.grant()).key == "access-2"


async def test_a_reused_token_asks_for_another_login(home, server):
    await log_in(home, server, left_s=10)
    server.issue()  # somebody else has spent it
    with pytest.raises(Unauthorised, match="ion login chatgpt") as caught:
        await plan_key(home, server).grant()
    assert "refresh-1" not in str(caught.value)
    with pytest.raises(Unauthorised, match="ion login chatgpt"):
        await plan_key(home, server).renew(Granted(key="access-1"))


async def test_a_token_with_a_little_life_serves_while_the_server_is_down(home, server):
    await log_in(home, server, left_s=60)
    server.status = 503
    assert (await plan_key(home, server).grant()).key == "access-1"
    dead = PlanKey(AuthStore(home), "http://127.0.0.1:9", lambda: NOW)
    assert (await dead.grant()).key == "access-1"


async def test_an_ended_token_and_a_server_that_is_down_is_an_error(home, server):
    await log_in(home, server, left_s=-1)
    server.status = 500
    with pytest.raises(Overloaded) as caught:
        await plan_key(home, server).grant()
    assert caught.value.retryable
    with pytest.raises(ConnectionFailed):
        await PlanKey(AuthStore(home), "http://127.0.0.1:9", lambda: NOW).grant()


async def test_cancelling_a_request_loses_no_token(home, server):
    await log_in(home, server, left_s=10)
    server.answering.clear()
    grant = asyncio.ensure_future(plan_key(home, server).grant())
    await asyncio.wait_for(server.reached.wait(), 20)
    grant.cancel()
    asyncio.get_running_loop().call_later(0.05, server.answering.set)
    with pytest.raises(asyncio.CancelledError):
        await grant
    assert (await plan_key(home, server).grant()).key == "access-2"


async def test_tokens_that_cannot_be_written_are_not_lost_to_this_process(home, server):
    await log_in(home, server, left_s=10)
    store = AuthStore(home)
    key = PlanKey(store, server.site, lambda: NOW)

    class Full(AuthStore):
        def write(self, logins):
            raise OSError(28, "No space left on device")

    key._store = Full(home)
    with pytest.raises(Exception, match="No space left"):
        await key.grant()
    key._store = store
    assert (await key.grant()).key == "access-2"


async def test_a_logout_meanwhile_is_said(home, server):
    await log_in(home, server, left_s=10)
    key = plan_key(home, server)
    await key.grant()
    async with AuthStore(home).writing() as book:
        book.put("chatgpt", None)
    with pytest.raises(Unauthorised, match="Nobody is logged in"):
        await key.grant()
