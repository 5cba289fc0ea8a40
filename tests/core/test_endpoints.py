"""Addresses that a project and a region make, and what settings say of a model."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from ion_core.config.builtin import BUILTIN
from ion_core.config.load import load
from ion_core.config.provider_schema import ModelSettings, ProviderSettings
from ion_core.endpoints import address, checked, endpoint_of, laid_over
from ion_core.errors import ConfigError
from ion_core.providers.base import ModelInfo
from ion_core.usage import Price

VERTEX = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers"


@pytest.mark.parametrize(
    ("name", "changed", "env", "url"),
    [
        ("openai", {}, {}, "https://api.openai.com/v1"),
        ("openai", {"base_url": "http://127.0.0.1:1/v1/"}, {}, "http://127.0.0.1:1/v1"),
        ("google", {"project": "p"}, {}, f"{VERTEX}/google"),
        (
            "google",
            {"project": "p", "location": "europe-west4"},
            {},
            "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4"
            "/publishers/google",
        ),
        ("anthropic", {"project": "p"}, {}, f"{VERTEX}/anthropic"),
        ("google", {"project": "p", "base_url": "http://gate/v1"}, {}, "http://gate/v1"),
        (
            "bedrock",
            {"location": "us-east-1"},
            {},
            "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1",
        ),
        (
            "bedrock",
            {"protocol": "anthropic-messages"},
            {"AWS_REGION": "eu-west-1"},
            "https://bedrock-mantle.eu-west-1.api.aws/anthropic",
        ),
        ("bedrock", {}, {}, ""),
    ],
)
def test_an_address_is_made_of_what_the_settings_say(
    name: str, changed: dict[str, str], env: dict[str, str], url: str
) -> None:
    assert address(name, replace(BUILTIN[name], **changed), env) == url


@pytest.mark.parametrize(
    ("name", "url", "word"),
    [("bedrock", "", "location us-east-1"), ("azure", "", "base_url"), ("x", "host/v1", "address")],
)
def test_an_address_that_is_none_is_said(name: str, url: str, word: str) -> None:
    endpoint = endpoint_of(name, ProviderSettings(base_url=url), {})
    with pytest.raises(ConfigError, match=word):
        checked(name, endpoint)


def test_settings_win_over_what_is_known_and_change_nothing_else() -> None:
    known = ModelInfo(
        provider="p", id="m", window=9, vision=True, price=Price(input=1.0, output=2.0)
    )
    told = laid_over(known, ModelSettings(vision=False, max_output=7))
    assert told == replace(known, vision=False, max_output=7, answer=7)
    assert laid_over(known, None) is known


def test_a_provider_of_ones_own_may_be_a_project(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[providers.work]\nprotocol = "anthropic-messages"\nproject = "p"\nlocation = "eu"\n'
    )
    settings = load(tmp_path, home=tmp_path, env={}).settings.providers["work"]
    assert address("work", settings, {}) == (
        "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/publishers/anthropic"
    )
