"""Logging in by a browser: OpenRouter's key and ChatGPT's tokens."""

from __future__ import annotations

import asyncio
import logging
import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from ion_core.errors import ConfigError, ConnectionFailed, Unauthorised
from ion_core.providers.auth.browser import browser_code
from ion_core.providers.auth.callback import Callback
from ion_core.providers.auth.logins import Tokens
from ion_core.providers.auth.redirect import Redirect
from ion_core.providers.auth.servers import Servers
from ion_core.providers.auth.store import AuthStore
from tests.fakes.authorisation import ACCOUNT, AuthorisationServer, Person, visit

PROVIDERS = ("openrouter", "chatgpt")
PAGES: list[str] = []


def clicks(server: AuthorisationServer):
    """A person who agrees in a browser on this machine."""

    async def browser(link: str) -> None:
        PAGES.append(await visit(server.agree(link)))

    return browser


def pasting(server: AuthorisationServer, *first: str) -> Person:
    """A person whose browser is elsewhere: they paste where it ended."""

    class Distant(Person):
        def show_link(self, url: str, code: str = "") -> None:
            super().show_link(url, code)
            self._answers = [*first, server.agree(url)]

    return Distant()


async def granted(accounts, provider: str) -> str:
    return (await accounts.credential(provider).grant()).key


def fields(server: AuthorisationServer, path: str) -> dict[str, str]:
    return next(sent for asked, sent in server.asked if asked == path)


async def test_openrouter_gives_a_key_after_a_click(make, server):
    accounts = make(server=server)
    person = Person(browser=clicks(server))
    await accounts.log_in("openrouter", "browser", person)
    assert await granted(accounts, "openrouter") == "sk-or-v1-from-the-browser"
    query = parse_qs(urlsplit(person.links[0][0]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["callback_url"][0].startswith("http://localhost:")
    assert "You are logged in" in PAGES[-1]
    assert len(fields(server, "/api/v1/auth/keys")["code_verifier"]) >= 43


async def test_chatgpt_gives_tokens_after_a_click(make, server, home):
    accounts = make(server=server, clock=lambda: 1000.0)
    person = Person(browser=clicks(server))
    await accounts.log_in("chatgpt", "browser", person, agreed=True)
    kept = AuthStore(home).logins()["chatgpt"]
    assert kept == Tokens(
        access="access-1", refresh="refresh-1", expires_at=4600.0, account=ACCOUNT
    )
    grant = await accounts.credential("chatgpt").grant()
    assert grant.key == "access-1"
    assert grant.headers == {"chatgpt-account-id": ACCOUNT, "originator": "ion"}
    query = parse_qs(urlsplit(person.links[0][0]).query)
    assert query["originator"] == ["ion"]
    assert query["redirect_uri"][0].endswith("/auth/callback")


async def test_chatgpt_is_opt_in(make, server):
    person = Person("n", browser=clicks(server))
    with pytest.raises(ConfigError, match="Nothing was changed"):
        await make(server=server).log_in("chatgpt", "browser", person)
    assert "no official OpenAI interface" in person.told[0]
    assert not person.links
    yes = Person("yes", browser=clicks(server))
    await make(server=server).log_in("chatgpt", "browser", yes)
    assert make().has_key("chatgpt")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_address_can_be_pasted_instead(make, server, provider):
    accounts = make(server=server)
    person = pasting(server, "https://localhost:1/other?code=1", "")
    await accounts.log_in(provider, "browser", person, agreed=True)
    assert await granted(accounts, provider)
    assert person.told[-1] == "That is not the address of this login. Copy all of it."


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_code_of_another_login_is_refused_by_its_verifier(make, server, provider):
    with pytest.raises(Unauthorised, match="invalid_grant"):
        await make(server=server).log_in(provider, "browser", Person("code-x"), agreed=True)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_verifier_must_fit_the_challenge(make, server, provider):
    async def browser(link: str) -> None:  # somebody else began a login with their own challenge
        challenge = parse_qs(urlsplit(link).query)["code_challenge"][0]
        await visit(server.agree(link.replace(challenge, "theirs")))

    with pytest.raises(Unauthorised, match="invalid_grant"):
        await make(server=server).log_in(provider, "browser", Person(browser=browser), agreed=True)


async def test_a_wrong_state_is_refused_and_the_login_goes_on(make, server):
    seen: list[str] = []

    async def browser(link: str) -> None:
        right = server.agree(link)
        seen.append(await visit(right.split("&state=")[0] + "&state=forged"))
        seen.append(await visit(right.replace("/auth/callback", "/elsewhere")))
        seen.append(await visit(right.split("&state=")[0]))
        seen.append(await visit(right))

    await make(server=server).log_in("chatgpt", "browser", Person(browser=browser), agreed=True)
    assert [page.split()[1] for page in seen] == ["404", "404", "404", "200"]


async def test_a_person_who_declines_is_told_so(make, server):
    async def browser(link: str) -> None:
        address = server.agree(link)
        await visit(address.replace("code=", "error=access_denied&x="))

    with pytest.raises(Unauthorised, match="declined"):
        await make(server=server).log_in("openrouter", "browser", Person(browser=browser))


async def test_giving_up_frees_the_port(make, server):
    port = free_port()
    accounts = make(server=server)
    accounts._addresses = Servers(openai=server.site, ports=(port,))
    person = Person()
    login = asyncio.ensure_future(accounts.log_in("chatgpt", "browser", person, agreed=True))
    await asyncio.wait_for(person.asked.wait(), 20)
    idle = await asyncio.open_connection("127.0.0.1", port)  # as browsers hold one ready
    login.cancel()
    with pytest.raises(asyncio.CancelledError):
        await login
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
    idle[1].close()


async def test_a_person_who_presses_escape_gives_up(make, server):
    with pytest.raises(asyncio.CancelledError):
        await make(server=server).log_in("openrouter", "browser", Person("esc"))


async def test_the_second_port_is_used_when_the_first_is_taken():
    redirect = Redirect(path="/back", state="s")
    async with Callback((0,), redirect) as first:
        async with Callback((first.port, 0), redirect) as second:
            assert second.port != first.port
        with pytest.raises(ConfigError, match=f"Port {first.port} .*--way device"):
            async with Callback((first.port,), redirect):
                raise AssertionError


async def test_nobody_coming_back_ends_the_login():
    redirect = Redirect(path="/back", state="s")
    async with Callback((0,), redirect) as callback:
        with pytest.raises(Unauthorised, match="Nobody logged in"):
            await browser_code(callback, redirect, Person(), limit_s=0.02)


async def test_where_nobody_can_be_asked_the_browser_still_comes_back():
    class Alone(Person):
        async def ask(self, question: str, *, secret: bool = False) -> str:
            raise ConfigError("Nobody can be asked here.")

    redirect = Redirect(path="/back", state="s")
    async with Callback((0,), redirect) as callback:
        visiting = asyncio.ensure_future(visit(f"{callback.uri}?state=s&code=c"))
        assert await browser_code(callback, redirect, Alone()) == "c"
        await visiting


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /back?state=s&code=c HTTP/1.1\r\n\r\n",
        b"GET http://[half?state=s&code=c HTTP/1.1\r\n\r\n",
        b"GET /back HTTP/1.1\r\n\r\n",
        b"GET /favicon.ico HTTP/1.1\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
        b"x" * 40_000,
    ],
)
async def test_nothing_else_is_served(request_bytes):
    async with Callback((0,), Redirect(path="/back", state="s")) as callback:
        reader, writer = await asyncio.open_connection("127.0.0.1", callback.port)
        writer.write(request_bytes)
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b""
        writer.close()
        assert answer[:12] in (b"", b"HTTP/1.1 404")
        assert not callback._code.done()


async def test_a_server_that_is_down_or_busy_is_a_sentence(make, server):
    with pytest.raises(ConnectionFailed, match="No connection to 127"):
        await make().log_in("openrouter", "browser", Person("code"))
    server.status = 503
    with pytest.raises(Exception, match=r"busy \(HTTP 503\)"):
        await make(server=server).log_in("openrouter", "browser", Person("code"))


async def test_no_secret_is_logged(make, server, caplog):
    caplog.set_level(logging.DEBUG)
    accounts = make(server=server)
    await accounts.log_in("chatgpt", "browser", Person(browser=clicks(server)), agreed=True)
    await accounts.log_in("openrouter", "browser", Person(browser=clicks(server)))
    with pytest.raises(Unauthorised) as caught:
        await accounts.log_in("openrouter", "browser", Person("code-secret"))
    verifiers = [sent["code_verifier"] for _, sent in server.asked]
    for secret in ("access-1", "refresh-1", "sk-or-v1", "code-0", "code-secret", *verifiers):
        assert secret not in caplog.text
        assert secret not in str(caught.value)


async def test_logging_out_of_chatgpt_ends_the_login_there(make, server):
    accounts = make(server=server)
    await accounts.log_in("chatgpt", "browser", Person(browser=clicks(server)), agreed=True)
    assert await accounts.log_out("chatgpt", person := Person()) is True
    assert fields(server, "/oauth/revoke")["token"] == "refresh-1"
    assert person.told == []
    await accounts.log_in("chatgpt", "browser", Person(browser=clicks(server)), agreed=True)
    server.status = 500
    assert await accounts.log_out("chatgpt", person) is True
    assert "could not be told" in person.told[0]
    assert not accounts.has_key("chatgpt")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
