"""What every test stands on: a home of its own, and no provider key of the person who runs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ion_core.config.trust import trust

EXAMPLES, ALL_EXAMPLES = 40, 200
"""Of a law, unless it says another number: in the ordinary run, and with ALL_TESTS=1."""

settings.register_profile(
    "ion",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    max_examples=ALL_EXAMPLES if os.environ.get("ALL_TESTS") == "1" else EXAMPLES,
)
settings.load_profile("ion")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: tests of the screen and of processes mostly wait."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


@pytest.fixture(autouse=True)
def ion_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh ``ION_HOME`` for each test, in which the test's own folder is trusted."""
    for name in list(os.environ):
        if name.startswith("ION_") or name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)
    home = tmp_path.with_name(f"home-of-{tmp_path.name}")
    trust(tmp_path, home, below=True)
    monkeypatch.setenv("ION_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return home
