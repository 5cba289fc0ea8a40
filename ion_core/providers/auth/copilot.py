"""GitHub Copilot's login: GitHub's device flow with the id of an app that the user registered.

GitHub's token is the key itself. ion never borrows the id of another program.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ion_core.errors import Unauthorised
from ion_core.providers.auth.companion import Companion
from ion_core.providers.auth.device import Pause, Verdict, expired, polled
from ion_core.providers.auth.logins import KeptKey
from ion_core.providers.auth.post import Reply, post

NO_APP = (
    "GitHub Copilot needs the id of an app of your own. Register one at "
    "https://github.com/settings/applications/new (any name and callback; tick Enable Device "
    "Flow), then: ion config set providers.copilot.client_id ID"
)
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_ENTERPRISE = "copilot-api."


def site_of(base_url: str, usual: str) -> str:
    """Where the login of the API at ``base_url`` is: an enterprise with data residency has
    ``https://copilot-api.HOST`` and logs in at ``https://HOST``; all others at ``usual``."""
    host = urlsplit(base_url).netloc
    if host.startswith(_ENTERPRISE):
        return f"https://{host.removeprefix(_ENTERPRISE)}"
    return usual


async def log_in(site: str, client_id: str, companion: Companion, pause: Pause) -> KeptKey:
    """A token from ``site`` (https://github.com). Raises ``Unauthorised`` and
    ``ConnectionFailed``."""
    asked = {"client_id": client_id, "scope": "read:user"}
    begun = await post(f"{site}/login/device/code", form=asked)
    device, code = begun.text("device_code"), begun.text("user_code")
    if not begun.ok or not device or not code:
        raise Unauthorised(
            f"GitHub did not begin the login ({begun.why}). Check providers.copilot.client_id, and "
            "that its app has the device flow enabled."
        )
    page = begun.text("verification_uri")
    companion.show_link(page if page.startswith(f"{site}/") else f"{site}/login/device", code)
    limit_s = begun.number("expires_in") or 900.0

    async def attempt() -> Verdict:
        fields = {"client_id": client_id, "device_code": device, "grant_type": _GRANT}
        return _verdict(await post(f"{site}/login/oauth/access_token", form=fields), limit_s)

    done = await polled(attempt, begun.number("interval") or 5.0, limit_s, pause)
    return KeptKey(key=done.text("access_token"))


def _verdict(reply: Reply, limit_s: float) -> Verdict:
    """GitHub answers 200 to everything; the ``error`` field decides."""
    if reply.text("access_token"):
        return reply
    match reply.code:
        case "authorization_pending":
            return "pending"
        case "slow_down":
            return "slow_down"
        case "expired_token":
            raise expired(limit_s)
        case "access_denied":
            raise Unauthorised("The login was declined at GitHub. Nothing was changed.")
    raise Unauthorised(f"GitHub did not finish the login ({reply.why}). Begin again.")
