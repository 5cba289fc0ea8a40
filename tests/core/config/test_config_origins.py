"""Lists say in which file, and on which line, a server or a hook stands."""

from __future__ import annotations

from ion_core.config.origins import Origins

HOOK = '[[hooks]]\nevent = "{}"\ncommand = ["true"]\n'


def test_a_server_stands_in_the_strongest_file_that_names_it(world):
    user = world.user('mode = "read"\n[mcp_servers.a]\ncommand = "x"\n[mcp_servers.b]\nurl = "y"\n')
    shared = world.shared('[mcp_servers.b]\nurl = "https://b"\n')
    found = Origins(world.places)
    assert found.server("a") == f"{user}:2"
    assert found.server("b") == f"{shared}:1"
    assert found.server("elsewhere") == ""


def test_hooks_stand_in_the_order_in_which_the_settings_have_them(world):
    user = world.user(HOOK.format("Stop") + HOOK.format("SessionStart"))
    shared = world.shared("\n" + HOOK.format("PreCompact"))
    found = Origins(world.places)
    told = [(hook.event, found.hook(at)) for at, hook in enumerate(world.load().settings.hooks)]
    assert told == [
        ("PreCompact", f"{shared}:2"),
        ("Stop", f"{user}:1"),
        ("SessionStart", f"{user}:4"),
    ]
    assert found.hook(3) == found.hook(-1) == ""
