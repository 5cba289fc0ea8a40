from __future__ import annotations

import json
from pathlib import Path

import pytest

from ion_core.context.ratios import HIGHEST, KEPT_MODELS, LOWEST, Ratio, Ratios


def taught(ratios: Ratios, model: str, seen: float) -> None:
    lesson = ratios.of("p", model).after("characters", seen, 1000.0)
    ratios.learn("p", model, lesson)


def test_two_processes_that_learn_of_different_models_keep_both(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "token_ratios.json"
    here, there = Ratios(file), Ratios(file)
    taught(here, "a", 1500.0)
    taught(there, "b", 700.0)
    here.save()
    there.save()
    fresh = Ratios(file)
    assert fresh.of("p", "a").ratio("characters") > 1 > fresh.of("p", "b").ratio("characters")


def test_nothing_learnt_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "token_ratios.json"
    Ratios(file).save()
    assert not file.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"p/a": {"characters": 3}}', '{"p/a": '])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token_ratios.json"
    file.write_text(content, "utf-8")
    ratios = Ratios(file)
    assert ratios.of("p", "a") == Ratios(None).of("p", "a")
    taught(ratios, "a", 1500.0)
    ratios.save()
    assert json.loads(file.read_text("utf-8")).keys() == {"p/a"}


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ratios = Ratios(tmp_path / "file" / "token_ratios.json")
    taught(ratios, "a", 1500.0)
    ratios.save()


def test_the_file_forgets_the_models_of_long_ago(tmp_path: Path) -> None:
    file = tmp_path / "token_ratios.json"
    ratios = Ratios(file)
    for number in range(KEPT_MODELS + 5):
        taught(ratios, f"m{number}", 1500.0)
    ratios.save()
    kept = json.loads(file.read_text("utf-8"))
    assert len(kept) == KEPT_MODELS
    assert f"p/m{KEPT_MODELS + 4}" in kept


@pytest.mark.parametrize("seen", [-500.0, 0.0, 10.0, 90_000.0])
def test_an_incredible_observation_changes_nothing(seen: float) -> None:
    ratio = Ratio(seen=2000.0, counted=2000.0)
    assert ratio.after(seen, 1000.0) is ratio


def test_a_ratio_stays_within_its_bounds() -> None:
    high = low = Ratio(seen=2000.0, counted=2000.0)
    for _ in range(100):
        high, low = high.after(3900.0, 1000.0), low.after(260.0, 1000.0)
    assert (high.value, low.value) == (HIGHEST, LOWEST)
