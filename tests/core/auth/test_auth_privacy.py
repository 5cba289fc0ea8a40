"""What the file of logins leaves on disk is out of reach of the tools, too."""

from __future__ import annotations

import pytest

from ion_core.tools.protected import holds_secrets


@pytest.mark.parametrize(
    "name", ["auth.json", "auth.json.broken-20261122-101500-ab12", ".auth.json.4711.0a1b2c3d"]
)
@pytest.mark.parametrize("folder", [".ion", "ion"])
def test_tools_read_none_of_its_files(name, folder):
    assert holds_secrets(("home", "me", folder, name))
    assert not holds_secrets(("work", "src", name))
