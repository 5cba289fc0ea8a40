"""The operating system's keyring, played by a small module of that name."""

from __future__ import annotations

import sys

import pytest

from ion_core.errors import Unauthorised
from ion_core.providers.auth.logins import InKeychain, KeptKey
from ion_core.providers.auth.store import AuthStore
from tests.fakes.authorisation import Person

RING = """
import json, pathlib
class Ring:
    file = pathlib.Path({file!r})
    def all(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {{}}
    def set_password(self, service, name, key):
        if {broken!r}:
            raise RuntimeError("locked")
        self.file.write_text(json.dumps(self.all() | {{service + "|" + name: key}}))
    def get_password(self, service, name):
        return self.all().get(service + "|" + name)
    def delete_password(self, service, name):
        kept = self.all()
        del kept[service + "|" + name]
        self.file.write_text(json.dumps(kept))
Ring.__module__ = {backend!r}
def get_keyring():
    return Ring()
"""
DESKTOP = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
REAL = "keyring.backends.SecretService"


@pytest.fixture
def ring(tmp_path, monkeypatch):
    """Installs a keyring with a backend; its file."""

    def install(backend: str = REAL, *, broken: bool = False):
        place, file = tmp_path / "site", tmp_path / "ring.json"
        place.mkdir()
        text = RING.format(file=str(file), backend=backend, broken=broken)
        (place / "keyring.py").write_text(text)
        monkeypatch.syspath_prepend(place)
        monkeypatch.setattr(sys, "platform", "linux")
        return file

    yield install
    sys.modules.pop("keyring", None)


async def test_a_pasted_key_goes_to_the_keyring_and_the_file_knows(make, home, ring):
    file = ring()
    await make(env=DESKTOP).log_in("groq", "key", Person("gsk_12345678"))
    assert "gsk_12345678" in file.read_text()
    assert "gsk_12345678" not in (home / "auth.json").read_text()
    assert AuthStore(home).logins() == {"groq": InKeychain()}
    accounts = make(env=DESKTOP)
    assert accounts.account("groq").source == "login"
    assert (await accounts.credential("groq").grant()).key == "gsk_12345678"


async def test_a_new_login_is_used_at_once(make, ring):
    ring()
    accounts = make(env=DESKTOP)
    credential = accounts.credential("groq")
    for key in ("gsk_1", "gsk_2"):
        await accounts.log_in("groq", "key", Person(key))
        assert (await credential.grant()).key == key
    refused = await credential.grant()
    await make(env=DESKTOP).log_in("groq", "key", Person("gsk_3"))  # another process
    assert await credential.renew(refused) is True
    assert (await credential.grant()).key == "gsk_3"


async def test_logging_out_empties_the_keyring(make, ring):
    file = ring()
    accounts = make(env=DESKTOP)
    await accounts.log_in("groq", "key", Person("gsk_12345678"))
    assert await accounts.log_out("groq") is True
    assert file.read_text() == "{}"
    assert not accounts.has_key("groq")


async def test_a_keyring_out_of_reach_is_a_sentence(make, ring):
    ring()
    await make(env=DESKTOP).log_in("groq", "key", Person("gsk_12345678"))
    away = make()  # by SSH there is no session bus
    assert away.has_key("groq")
    with pytest.raises(Unauthorised, match=r"keyring.*ion login groq"):
        await away.credential("groq").grant()


@pytest.mark.parametrize(
    ("backend", "broken"),
    [
        ("keyring.backends.fail", False),
        ("keyring.backends.null", False),
        ("keyrings.alt.file", False),
        (REAL, True),
    ],
)
async def test_a_keyring_that_is_none_leaves_the_key_to_the_file(make, home, ring, backend, broken):
    ring(backend, broken=broken)
    await make(env=DESKTOP).log_in("groq", "key", Person("gsk_12345678"))
    assert AuthStore(home).logins() == {"groq": KeptKey(key="gsk_12345678")}


async def test_without_a_session_bus_no_keyring_is_imported(make, ring):
    ring()
    await make().log_in("groq", "key", Person("gsk_12345678"))
    assert "keyring" not in sys.modules
