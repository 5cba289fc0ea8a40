"""What a failure of the connection means: the class of the error tree, and a sentence."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from ion_core.errors import BadRequest, ConnectionFailed, ProviderError, StreamBroken
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.proxies import proxy_for
from ion_core.providers.redaction import redacted
from ion_core.providers.transport import httpx_module
from ion_core.providers.wake import Overslept

_CLOSED = ("401", "403", "405", "407")
"""Statuses of a proxy that will not change by themselves."""


def transport_fault(error: Exception, endpoint: Endpoint, *, answered: bool) -> ProviderError:
    """The error that an exception of httpx is; ``answered`` tells whether the answer had begun."""
    httpx, host = httpx_module(), endpoint.host
    way = _way(endpoint)
    if (refused := _certificate(error)) is not None:
        return ConnectionFailed(
            f"The certificate of {host} is not trusted: {refused.verify_message}. "
            "Behind a proxy with a certificate of its own, set SSL_CERT_FILE.",
            retryable=False,
        )
    if isinstance(error, Overslept):
        sentence = f"The machine slept, and {host} has said nothing since it woke."
        return StreamBroken(sentence) if answered else ConnectionFailed(sentence)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return BadRequest(
            f"The request to {endpoint.name} cannot be made: {_said(error, endpoint)}."
        )
    if isinstance(error, httpx.ProxyError):
        said = _said(error, endpoint)
        return ConnectionFailed(
            f"No connection to {host}{way}: {said}.", retryable=not said.startswith(_CLOSED)
        )
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return ConnectionFailed(
            f"No connection to {host}{way} in {endpoint.connect_timeout_s:g} s."
        )
    if isinstance(error, httpx.ReadTimeout):
        sentence = f"{host} said nothing for {endpoint.idle_timeout_s:g} s."
        return StreamBroken(sentence) if answered else ConnectionFailed(sentence)
    if answered:
        return StreamBroken(f"The connection to {host} broke: {_said(error, endpoint)}.")
    return ConnectionFailed(f"No connection to {host}{way}: {_said(error, endpoint)}.")


def _way(endpoint: Endpoint) -> str:
    """By way of which proxy, without what it is told of us."""
    proxy = urlsplit(proxy_for(endpoint.base_url))
    return f" through the proxy {proxy.netloc.rpartition('@')[2]}" if proxy.netloc else ""


def _said(error: Exception, endpoint: Endpoint) -> str:
    return redacted(str(error) or type(error).__name__, endpoint.api_key).rstrip(".")


def _certificate(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
