"""The client under every request: httpx without what ion does not use.

Start-up decides its shape: httpx is imported without its command line (80 ms, 5 MB), certificates
are read once a process and only for https, and httpx's own transport, with httpcore and anyio
behind it, is used only where a proxy is in between.
"""

from __future__ import annotations

import os
import ssl
import sys
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ion_core.errors import ConfigError
from ion_core.providers.proxies import proxy_for

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport, AsyncClient

KEEP_ALIVE_S = 120.0
"""How long an idle connection is kept: longer than most tools run."""


def httpx_module() -> Any:
    """httpx, imported by the branch it has for an absent ``[cli]`` extra."""
    if "httpx" not in sys.modules:
        # The type of the table forbids None, the import system documents it.
        modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
        modules["httpx._main"] = None
        try:
            import httpx  # noqa: F401  # start-up: only a request needs it
        finally:
            modules.pop("httpx._main", None)
    return sys.modules["httpx"]


@cache
def tls_context() -> ssl.SSLContext:
    """Verifies against ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` where set, else certifi's roots.
    Raises ``ConfigError`` when they hold no certificates."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file and not folder:
        import certifi  # start-up: only https needs it

        file = certifi.where()
    try:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except OSError as error:  # of ssl's own errors too
        name = f"SSL_CERT_FILE ({file})" if file else f"SSL_CERT_DIR ({folder})"
        raise ConfigError(f"{name} holds no certificates that can be read: {error}.") from error


def warm(base_url: str) -> ssl.SSLContext | None:
    """Do what the first request to ``base_url`` would wait for; its TLS context for https.
    Blocking: call it in a thread."""
    httpx_module()
    import ion_core.providers.socket_transport  # noqa: F401  # only its import is wanted

    return tls_context() if urlsplit(base_url).scheme == "https" else None


def make_client(
    base_url: str,
    headers: dict[str, str],
    context: ssl.SSLContext | None,
    transport: AsyncBaseTransport | None = None,
) -> AsyncClient:
    """A client that follows no redirects. ``context`` None is for plain http.

    Raises ``ImportError`` for a SOCKS proxy without its package and ``httpx.InvalidURL``.
    """
    httpx = httpx_module()
    options: dict[str, Any] = {"transport": transport}
    if transport is None and (proxy := proxy_for(base_url)):
        # A bare context still verifies and knows no certificates: it fails closed.
        context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        limits = httpx.Limits(keepalive_expiry=KEEP_ALIVE_S)
        way = httpx.Proxy(proxy, ssl_context=_trusted(proxy))
        options = {"proxy": way, "verify": context, "limits": limits}
    elif transport is None:
        options["transport"] = make_transport(context)
    client: AsyncClient = httpx.AsyncClient(
        base_url=base_url.rstrip("/") + "/",
        headers=headers,
        follow_redirects=False,
        trust_env=False,
        **options,
    )
    return client


def make_transport(context: ssl.SSLContext | None) -> AsyncBaseTransport:
    """What carries requests where no proxy is in between. It needs httpx, hence the late import."""
    from ion_core.providers.socket_transport import SocketTransport

    return SocketTransport(context, KEEP_ALIVE_S)


def _trusted(proxy: str) -> ssl.SSLContext | None:
    """What a proxy that is itself reached by https is verified against."""
    return tls_context() if proxy.startswith("https:") else None
