"""Reading the sources of the catalogue: models.dev's file, and the package of prices."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from ion_core.errors import BadRequest
from ion_core.providers.catalogue.catalogue import Catalogue
from ion_core.providers.catalogue.models_dev import read_vendors
from ion_core.providers.catalogue.refresh import news, renewed
from ion_core.usage import Price, Tier

MODEL = {
    "id": "claude-sonnet-9",
    "name": "Claude Sonnet 9",
    "limit": {"context": 1_000_000, "output": 64_000},
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "cost": {"input": 3, "output": 15, "cache_read": 0.3},
    "reasoning": True,
    "tool_call": True,
    "release_date": "2027-02",
}


def a_file(*models: dict[str, Any], provider: str = "anthropic") -> bytes:
    return json.dumps({provider: {"models": {each["id"]: each for each in models}}}).encode()


def read(**changes: Any) -> Any:
    (model,) = read_vendors(a_file({**MODEL, **changes}))["anthropic"]
    return model


def test_a_model_of_models_dev_is_understood() -> None:
    model = read()
    assert (model.name, model.window, model.max_output) == ("Claude Sonnet 9", 1_000_000, 64_000)
    assert model.vision
    assert model.reasoning
    assert model.released == "2027-02-01"
    assert model.price == Price(input=3.0, output=15.0, cache_read=0.3)


def test_tiers_are_read_in_both_of_their_forms() -> None:
    long = {"input": 6, "output": 22.5}
    stepped = [{**long, "tier": {"type": "context", "size": 272_000}}]
    both = {**MODEL["cost"], "tiers": stepped, "context_over_200k": long}  # type: ignore[dict-item]
    old = {**MODEL["cost"], "context_over_200k": long}  # type: ignore[dict-item]
    assert read(cost=both).price.tiers == (Tier(above=272_000, input=6.0, output=22.5),)
    assert read(cost=old).price.tiers == (Tier(above=200_000, input=6.0, output=22.5),)


def test_efforts_are_read_where_they_are_listed() -> None:
    options = [{"type": "budget_tokens"}, {"type": "effort", "values": [None, "low", "max"]}]
    assert read(reasoning_options=options).efforts == ("low", "max")


def test_a_price_of_nothing_is_believed_only_of_what_is_called_free() -> None:
    nothing = {"input": 0, "output": 0}
    assert read(cost=nothing).price is None
    assert read(id="x/y:free", cost=nothing).price == Price(input=0.0, output=0.0)


def test_a_model_in_another_form_does_not_hide_the_others() -> None:
    odd = {"id": "claude-odd", "limit": "large", "modalities": {"output": ["text"]}}
    painter = {**MODEL, "id": "painter", "modalities": {"output": ["image"]}}
    vendors = read_vendors(a_file(odd, painter, MODEL))
    assert [model.id for model in vendors["anthropic"]] == ["claude-sonnet-9"]
    assert read_vendors(b'{"x": {"models": []}, "y": 3}') == {"x": [], "y": []}


def test_a_refreshed_page_adds_and_keeps() -> None:
    fresh = {**MODEL, "id": "claude-sonnet-5", "limit": {"context": 2_000_000}, "cost": None}
    pages = renewed(a_file(MODEL, fresh), "2099-01-01", "https://x.example")
    page = {model.id: model for model in pages["anthropic"].models}
    old = Catalogue(None).model("anthropic", "claude-sonnet-5")
    assert list(pages) == ["anthropic"]
    assert page["claude-sonnet-9"].max_output == 64_000
    assert page["claude-sonnet-5"].window == 2_000_000
    assert page["claude-sonnet-5"].max_output == 128_000
    assert old is not None
    assert page["claude-sonnet-5"].price == old.price
    assert "claude-opus-4-8" in page


def test_tiers_survive_a_copy_that_knows_only_the_price_below_them() -> None:
    known = Catalogue(None).model("openai", "gpt-5.4")
    assert known is not None
    assert known.price is not None
    same = {"input": known.price.input, "output": known.price.output}
    dearer = {"input": known.price.input + 1, "output": known.price.output}
    for cost, expected in ((same, known.price), (dearer, Price(**dearer))):
        body = a_file({**MODEL, "id": "gpt-5.4", "cost": cost}, provider="openai")
        models = renewed(body, "2099-01-01", "https://x.example")["openai"].models
        assert next(each for each in models if each.id == "gpt-5.4").price == expected


def test_a_region_keeps_its_own_price() -> None:
    name = "us.anthropic.claude-opus-4-7"
    body = a_file(
        {**MODEL, "id": name, "cost": {"input": 5, "output": 25}}, provider="amazon-bedrock"
    )
    models = renewed(body, "2099-01-01", "https://x.example")["bedrock"].models
    price = next(model.price for model in models if model.id == name)
    assert price is not None
    assert (price.input, price.output) == (5.5, 27.5)


def test_another_name_that_becomes_a_model_of_its_own_keeps_its_price() -> None:
    body = a_file({**MODEL, "id": "gpt-5.6", "cost": None}, provider="openai")
    page = renewed(body, "2099-01-01", "https://x.example")["openai"]
    own = next(each for each in page.models if each.id == "gpt-5.6")
    was = Catalogue(None).model("openai", "gpt-5.6-sol")
    assert was is not None
    assert own.price == was.price
    assert all("gpt-5.6" not in each.aliases for each in page.models)


def test_what_is_new_is_counted() -> None:
    changed = {**MODEL, "id": "claude-sonnet-5", "cost": {"input": 9, "output": 99}}
    pages = renewed(a_file(MODEL, changed), "2099-01-01", "https://x.example")
    told = news(Catalogue(None), pages)
    assert (told.models, told.prices) == (1, 1)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"x": {"models": {}}}'])
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match=r"x\.example"):
        renewed(body, "2099-01-01", "https://x.example")
    with pytest.raises(msgspec.DecodeError):
        read_vendors(b"<html>")


# the package of prices


def test_the_price_in_force_on_a_day_is_taken() -> None:
    tariff = pytest.importorskip("ion_core.providers.catalogue.tariff")
    before, after = (tariff.Tariff("openai", day) for day in (date(2026, 8, 20), date(2026, 8, 21)))
    sol = before.find("gpt-5.6-sol")
    assert (before.price(sol).input, after.price(sol).input) == (5.0, 4.0)
    assert after.price(sol).tiers[0] == Tier(
        above=272_000, input=8.0, output=30.0, cache_read=0.8, cache_write=10.0
    )


def test_a_price_by_the_hour_is_taken_at_its_dearest() -> None:
    tariff = pytest.importorskip("ion_core.providers.catalogue.tariff")
    book = tariff.Tariff("deepseek", date(2026, 11, 22))
    assert book.price(book.find("deepseek-v4-pro")).output == 3.96


def test_the_bundled_pages_are_what_the_packages_say() -> None:
    build = pytest.importorskip("ion_core.providers.catalogue.build")
    bundled = Catalogue(None)
    if build.sources() != bundled.sources:
        pytest.skip("the installed data packages are others than those of the bundled pages")
    pages = build.pages(date.fromisoformat(bundled.dated))
    assert {name: bundled.listing(name).models for name in pages} == pages
