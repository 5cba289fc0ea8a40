"""A few points of the crash harness: every kind of death once or twice, every law after each."""

from __future__ import annotations

import pytest

from tests.crash.__main__ import Harness, Point, points

POINTS = [
    *(Point("kill", seed) for seed in (11, 12, 13)),
    Point("full", 21),
    Point("readonly", 31),
    *(Point("damage", seed) for seed in (41, 42)),
    Point("log", 51),
]


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Harness:
    return Harness(tmp_path_factory.mktemp("crash"), rounds=1)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.kind}-{point.seed}")
def test_no_death_breaks_a_law(harness: Harness, point: Point) -> None:
    outcome = harness.die(point)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.broken == []


def test_the_points_are_shared_among_the_kinds_and_the_same_for_a_seed() -> None:
    assert points(100, 7, ["kill", "damage"]) == points(100, 7, ["kill", "damage"])
    kinds = [point.kind for point in points(100, 7, ["kill", "damage"])]
    assert len(kinds) >= 99
    assert 0 < kinds.count("damage") < kinds.count("kill")
