"""An authorisation server on loopback: OpenAI's, OpenRouter's and GitHub's logins in one.

It really checks what a server checks: the verifier against the challenge, the address of the
redirect, and that a refresh token is used once; a second use ends the whole login. ``agree`` plays
the person's click in a browser, and ``visit`` the browser's way back.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

ACCOUNT = "acct-7"


class AuthorisationServer:
    """``asked`` holds every request as ``(path, fields)``; ``device_answers`` are given one by one
    to whoever polls. ``life_s`` is the life of an access token; ``status`` other than 0 is the
    answer to everything. ``reached`` is set by a request, which is answered while ``answering``."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.device_answers: list[tuple[int, dict[str, Any]]] = []
        self.device_begins: dict[str, Any] = {}
        self.life_s, self.status, self.ended = 3600, 0, False
        self.answering, self.reached = asyncio.Event(), asyncio.Event()
        self.answering.set()
        self._codes: dict[str, tuple[str, str]] = {}
        self._count = 0
        self.refresh, self.spent = "", set[str]()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.site = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    def agree(self, link: str) -> str:
        """Where a browser is sent after a person agreed on the page of ``link``."""
        query = _flat(urlsplit(link).query)
        uri = query.get("redirect_uri") or query["callback_url"]
        code = f"code-{len(self._codes)}"
        self._codes[code] = (query["code_challenge"], uri)
        back = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        return f"{uri}?{urlencode(back)}"

    def issue(self) -> dict[str, Any]:
        """Fresh tokens; the refresh token before them is worth nothing from now on."""
        self._count += 1
        self.spent.add(self.refresh)
        self.refresh = f"refresh-{self._count}"
        return {
            "access_token": f"access-{self._count}",
            "refresh_token": self.refresh,
            "id_token": token({"https://api.openai.com/auth": {"chatgpt_account_id": ACCOUNT}}),
            "expires_in": self.life_s,
        }

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            body = (await reader.readexactly(length)).decode()
            path = head.split()[1]
            fields = json.loads(body) if "content-type: application/json" in head else _flat(body)
            self.asked.append((path, fields))
            self.reached.set()
            status, answer = self._answer(path, fields)
            await self.answering.wait()
            text = json.dumps(answer)
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(text)}\r\n".encode())
            writer.write(f"connection: close\r\n\r\n{text}".encode())
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if self.status:
            return self.status, {}
        match path:
            case "/oauth/token" if fields["grant_type"] == "refresh_token":
                return self._renew(fields["refresh_token"])
            case "/oauth/token" | "/api/v1/auth/keys":
                return self._redeem(path, fields)
            case "/oauth/revoke":
                self.ended = True
                return 200, {}
            case "/login/device/code":
                return 200, self.device_begins or {
                    "device_code": "device-1",
                    "user_code": "ABCD-1234",
                    "verification_uri": f"{self.site}/login/device",
                    "interval": 5,
                    "expires_in": 60,
                }
            case "/api/accounts/deviceauth/usercode":
                return 200, {"device_auth_id": "d1", "user_code": "WXYZ", "interval": "5"}
        return self.device_answers.pop(0)

    def _renew(self, refresh: str) -> tuple[int, dict[str, Any]]:
        if refresh in self.spent:
            self.ended = True
            return 401, {"error": {"code": "refresh_token_reused", "message": f"was {refresh}"}}
        if refresh != self.refresh or self.ended:
            return 401, {"error": {"code": "refresh_token_invalidated"}}
        return 200, self.issue()

    def _redeem(self, path: str, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        challenge, uri = self._codes.pop(fields["code"], ("", ""))
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        shown = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not challenge or challenge != shown:
            return 400, {"error": "invalid_grant"}
        if path == "/api/v1/auth/keys":
            return 200, {"key": "sk-or-v1-from-the-browser"}
        return (200, self.issue()) if fields["redirect_uri"] == uri else (400, {"error": "no"})

    def allow_device(self, verifier: str = "v" * 50) -> dict[str, Any]:
        """What a device is told once its code was entered."""
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        self._codes["device-code"] = (challenge, f"{self.site}/deviceauth/callback")
        return {"authorization_code": "device-code", "code_verifier": verifier}


class Person:
    """A companion who types ``answers`` in turn and then nothing more; ``told`` and ``links`` are
    what they saw. ``browser`` is what they do with a link."""

    def __init__(self, *answers: str, browser: Any = None) -> None:
        self.told: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.questions: list[tuple[str, bool]] = []
        self._answers, self._browser = list(answers), browser
        self._visits: list[asyncio.Task[Any]] = []
        self.asked = asyncio.Event()

    def tell(self, text: str) -> None:
        self.told.append(text)

    def show_link(self, url: str, code: str = "") -> None:
        self.links.append((url, code))
        if self._browser is not None:
            self._visits.append(asyncio.ensure_future(self._browser(url)))

    async def ask(self, question: str, *, secret: bool = False) -> str:
        self.questions.append((question, secret))
        self.asked.set()
        if not self._answers:
            await asyncio.Event().wait()
        answer = self._answers.pop(0)
        if answer == "esc":
            raise asyncio.CancelledError
        return answer


async def visit(address: str) -> str:
    """What a browser on this machine sees at an address."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    try:
        target = parts._replace(scheme="", netloc="").geturl()
        writer.write(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        return (await reader.read()).decode()
    finally:
        writer.close()


def token(claims: dict[str, Any]) -> str:
    """A token that says something of itself."""
    pieces = [{"alg": "none"}, claims, {}]
    encoded = [urlsafe_b64encode(json.dumps(piece).encode()) for piece in pieces]
    return ".".join(piece.rstrip(b"=").decode() for piece in encoded)


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
