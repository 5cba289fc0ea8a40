"""What is in a prompt of servers whose tools nobody asked for."""

from __future__ import annotations

import os
from pathlib import Path

from ion_core.config.load import load
from ion_core.confined import ConfinedLauncher
from ion_core.context.counter import Counter
from ion_core.extensions import Extensions


async def test_ten_servers_cost_the_first_request_little(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    names = [f"server-number-{n}" for n in range(10)]
    (tmp_path / "project").mkdir()
    (tmp_path / "home").mkdir()
    tables = (f'[mcp_servers.{name}]\ncommand = "x"\n' for name in names)
    (tmp_path / "home" / "config.toml").write_text("\n".join(tables))
    loaded = load(tmp_path / "project", home=tmp_path / "home", env={}, trusted=True)
    launcher = ConfinedLauncher(loaded.settings.sandbox, tmp_path / "home", os.environ)
    home, project = tmp_path / "home", tmp_path / "project"
    servers = Extensions(lambda: loaded, launcher, home, project, os.environ).servers
    assert servers is not None
    tokens = await counter.count(servers.catalogue()["mcp"], patience_s=60)
    await counter.aclose()
    launcher.close()
    assert tokens is not None
    assert 10 < tokens < 600
