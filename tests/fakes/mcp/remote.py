"""A remote MCP server with a login, and the one that gives its tokens: ``python remote.py PORT``.

It is what OAuth 2.1 asks for and no more: discovery, registration, a code with a verifier, tokens.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import sys
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

PORT = int(sys.argv[1])
HERE = f"http://127.0.0.1:{PORT}"
codes: dict[str, dict[str, str]] = {}
tokens: set[str] = set()
server = MCPServer("remote", version="1.0")


@server.tool()
def whoami() -> str:
    return "somebody who is logged in"


async def resource(request: Request) -> Response:
    return JSONResponse({"resource": f"{HERE}/mcp", "authorization_servers": [HERE]})


async def metadata(request: Request) -> Response:
    return JSONResponse(
        {
            "issuer": HERE,
            "authorization_endpoint": f"{HERE}/authorize",
            "token_endpoint": f"{HERE}/token",
            "registration_endpoint": f"{HERE}/register",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
        }
    )


async def register(request: Request) -> Response:
    asked: dict[str, Any] = await request.json()
    return JSONResponse({**asked, "client_id": "client-1"}, status_code=201)


async def authorize(request: Request) -> Response:
    query = dict(request.query_params)
    code = secrets.token_hex(8)
    codes[code] = query
    return RedirectResponse(f"{query['redirect_uri']}?code={code}&state={query['state']}")


async def token(request: Request) -> Response:
    form = dict(await request.form())
    asked = codes.pop(str(form.get("code")), None)
    digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if asked is None or asked["code_challenge"] != challenge:
        return JSONResponse({"error": "invalid_grant"}, status_code=400)
    tokens.add(made := secrets.token_hex(8))
    return JSONResponse({"access_token": made, "token_type": "Bearer", "expires_in": 3600})


app = server.streamable_http_app()
app.router.routes[:0] = [
    Route("/.well-known/oauth-protected-resource/mcp", resource),
    Route("/.well-known/oauth-protected-resource", resource),
    Route("/.well-known/oauth-authorization-server", metadata),
    Route("/register", register, methods=["POST"]),
    Route("/authorize", authorize),
    Route("/token", token, methods=["POST"]),
]


async def guarded(scope: Any, receive: Any, send: Any) -> None:
    """Lets nobody to the server who has no token."""
    if scope["type"] == "http" and scope["path"] == "/mcp":
        headers = dict(scope["headers"])
        given = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        if given not in tokens:
            where = f'Bearer resource_metadata="{HERE}/.well-known/oauth-protected-resource"'
            refusal = Response(status_code=401, headers={"WWW-Authenticate": where})
            await refusal(scope, receive, send)
            return
    await app(scope, receive, send)


uvicorn.run(guarded, host="127.0.0.1", port=PORT, log_level="error")
