"""The list of models: its order, its columns, and what typing and its keys do to it."""

from __future__ import annotations

import pytest

from ion_core.providers.base import ModelInfo
from ion_core.usage import Price
from ion_tui.effort import levels, parted, typed
from ion_tui.shelf import Habits, Shelf
from ion_tui.widgets.listbox import Choice

MODELS = [
    ModelInfo(
        provider="openai",
        id="gpt-5.6",
        name="GPT-5.6",
        window=400_000,
        vision=True,
        reasoning=True,
        price=Price(input=1.25, output=10.0),
        released="2026-08-01",
    ),
    ModelInfo(provider="openai", id="gpt-4", deprecated=True, successor="gpt-5.6"),
    ModelInfo(provider="chatgpt", id="gpt-5.6", window=272_000, price=Price(input=0.0, output=0.0)),
    ModelInfo(provider="ollama", id="qwen3:8b", window=40_000, price=Price(input=0, output=0)),
    ModelInfo(provider="work", id="house-70b"),
    ModelInfo(
        provider="openrouter",
        id="moonshotai/kimi-k3",
        name="MoonshotAI: K3",
        window=262_144,
        price=Price(input=0.075, output=2.5),
        released="2026-10-01",
    ),
]


def shelf(*, within: str = "", starred: list[tuple[str, bool]] | None = None) -> Shelf:
    heard = [] if starred is None else starred
    return Shelf(
        [info for info in MODELS if within in ("", info.provider)],
        Habits(
            present="ollama/qwen3:8b",
            default="openai/gpt-5.6:high",
            favourites=("openrouter/moonshotai/kimi-k3", "gone/model"),
            recent=("ollama/qwen3:8b", "openrouter/moonshotai/kimi-k3:low"),
        ),
        favour=lambda ref, on: heard.append((ref, on)),
        keys=lambda command: "key",
        dated="2026-11-20",
        within=within,
    )


def shown(rows: object) -> list[str]:
    assert isinstance(rows, list)
    return [row.name if row.heading else f"{row.lead}{row.name}" for row in rows]


def row_of(ref: str) -> Choice:
    return next(row for row in shelf().rows("") if row.value == ref)


def test_favourites_come_first_then_recent_ones_then_providers_and_deprecated_ones_last() -> None:
    assert shown(shelf().rows("")) == [
        "Favourites",
        "openrouter/moonshotai/kimi-k3",
        "Recent",
        "ollama/qwen3:8b",
        "chatgpt",
        "chatgpt/gpt-5.6",
        "openai",
        "openai/gpt-5.6",
        "work",
        "work/house-70b",
        "Deprecated",
        "openai/gpt-4",
    ]


@pytest.mark.parametrize(
    ("ref", "money"),
    [
        ("openai/gpt-5.6", "400k     $1.25    $10.00"),
        ("openrouter/moonshotai/kimi-k3", "262k    $0.075     $2.50"),
        ("chatgpt/gpt-5.6", "272k                plan"),
        ("ollama/qwen3:8b", "40k                free"),
        ("work/house-70b", "?             price ?"),
    ],
)
def test_the_right_end_says_window_and_price_and_no_unknown_price_is_0(
    ref: str, money: str
) -> None:
    assert row_of(ref).right.strip() == money


def test_the_columns_of_every_row_are_as_wide_as_their_headings() -> None:
    assert {len(row.right) for row in shelf().rows("") if not row.heading} == {len(Shelf.columns)}


def test_a_row_says_what_the_model_is_to_the_person_and_what_it_can_do() -> None:
    assert row_of("openai/gpt-5.6").detail == "default · vision · thinking"
    assert row_of("ollama/qwen3:8b").detail == "this session"
    assert row_of("openrouter/moonshotai/kimi-k3").mark == "★"
    assert row_of("openai/gpt-4").detail == "deprecated, use gpt-5.6"


def test_a_name_that_says_more_than_the_id_is_shown() -> None:
    info = ModelInfo(provider="p", id="m-1", name="Grand Model")
    rows = Shelf([info], Habits(), favour=lambda ref, on: None, keys=lambda command: "").rows("")
    assert rows[1].detail == "Grand Model"


@pytest.mark.parametrize(
    ("presses", "order", "first"),
    [
        (1, "by name", "chatgpt/gpt-5.6"),
        (2, "largest window first", "openai/gpt-5.6"),
        (3, "cheapest first", "chatgpt/gpt-5.6"),
        (4, "newest first", "openai/gpt-5.6"),
        (5, "by provider", "chatgpt/gpt-5.6"),
    ],
)
def test_a_key_goes_through_the_orders(presses: int, order: str, first: str) -> None:
    models = shelf()
    for _ in range(presses):
        assert models.obey("models.order", None) == "anew"
    rows = shown(models.rows(""))
    assert models.title == f"Models, {order}"
    assert rows[rows.index("ollama/qwen3:8b") + 2] == first


def test_an_order_that_was_asked_for_holds_for_what_is_found_too() -> None:
    models = shelf()
    for _ in range(3):
        models.obey("models.order", None)
    found = [row.value for row in models.rows("gpt")]
    assert found == ["chatgpt/gpt-5.6", "openai/gpt-5.6", "openai/gpt-4"]


def test_a_deprecated_model_is_found_last() -> None:
    assert [row.value for row in shelf().rows("gpt-4")][:1] == ["openai/gpt-4"]
    assert [row.value for row in shelf().rows("gpt")][-1] == "openai/gpt-4"


def test_of_equal_finds_the_newer_model_is_first_but_an_exact_name_wins() -> None:
    models = Shelf(
        [
            ModelInfo(provider="openai", id="gpt-4", released="2023-03-14"),
            ModelInfo(provider="openai", id="gpt-4.1", released="2025-04-14"),
            ModelInfo(provider="openai", id="gpt-5.6", released="2026-08-01"),
        ],
        Habits(),
        favour=lambda ref, on: None,
        keys=lambda command: "",
    )
    assert [row.name for row in models.rows("gpt")] == ["gpt-5.6", "gpt-4.1", "gpt-4"]
    assert [row.name for row in models.rows("gpt-4")] == ["gpt-4", "gpt-4.1"]


def test_a_star_is_given_and_taken_by_one_key() -> None:
    starred: list[tuple[str, bool]] = []
    models = shelf(starred=starred)
    assert models.obey("models.star", row_of("work/house-70b")) == "again"
    rows = models.rows("")
    assert shown(rows)[1:3] == ["openrouter/moonshotai/kimi-k3", "work/house-70b"]
    assert rows[2].mark == "★"
    models.obey("models.star", rows[2])
    assert "work" in shown(models.rows(""))
    assert starred == [("work/house-70b", True), ("work/house-70b", False)]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("gpt-5.6:high", "openai/gpt-5.6:high"),
        ("gpt-5.6:hi", "openai/gpt-5.6:high"),
        ("gpt-5.6:m", "openai/gpt-5.6"),
        ("gpt-5.6:", "openai/gpt-5.6"),
        ("openai gpt:low", "openai/gpt-5.6:low"),
        ("qwen3:8b", "ollama/qwen3:8b"),
        ("qwen3:8b:max", "ollama/qwen3:8b:max"),
    ],
)
def test_an_effort_behind_a_colon_goes_with_the_choice(text: str, chosen: str) -> None:
    models = shelf()
    rows = [row for row in models.rows(text) if row.value != "chatgpt/gpt-5.6"]
    assert models.ref(rows[0]) == chosen


def test_a_model_that_no_list_knows_can_be_written() -> None:
    models = shelf()
    last = models.rows("openai/gpt-7-preview:low")[-1]
    assert (last.lead + last.name, last.detail) == ("openai/gpt-7-preview", "as you wrote it")
    assert models.ref(last) == "openai/gpt-7-preview:low"
    assert all(row.detail != "as you wrote it" for row in models.rows("gpt-7"))


def test_the_model_of_the_session_is_listed_even_if_no_list_knows_it() -> None:
    habits = Habits(present="work/house-9b:low")
    models = Shelf(MODELS, habits, favour=lambda ref, on: None, keys=lambda command: "")
    row = next(row for row in models.rows("") if row.value == "work/house-9b")
    assert row.detail == "this session"


def test_of_one_provider_a_bare_id_can_be_written() -> None:
    models = shelf(within="work")
    assert models.title == "Models of work, by name"
    assert models.rows("house-200b")[-1].value == "work/house-200b"
    assert models.rows("work/house-200b")[-1].value == "work/house-200b"


def test_a_level_is_read_from_a_reference_only_if_it_is_one() -> None:
    assert parted("openai/gpt-5.6:high") == ("openai/gpt-5.6", "high")
    assert parted("ollama/qwen3:8b") == ("ollama/qwen3:8b", "")
    assert typed("a/b:free") == ("a/b:free", "")


def test_the_levels_are_those_that_a_model_is_known_to_take() -> None:
    known = ModelInfo(provider="p", id="m", efforts=("low", "max"))
    assert levels(known) == ("low", "max")
    assert levels(ModelInfo(provider="p", id="m")) == ("low", "medium", "high")
    assert levels(ModelInfo(provider="p", id="m", reasoning=True))[0] == "none"
