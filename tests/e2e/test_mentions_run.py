"""``ion run`` with files: named in the prompt, and by ``-f``."""

from __future__ import annotations

import json
import struct
import subprocess
import zlib
from pathlib import Path

from tests.fakes.scripted_home import ION, scripted_home


def _png() -> bytes:
    """A picture of one white dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _run(folder: Path, env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ION, "run", "--output-format", "stream-json", *args],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_files_and_pictures_are_attached(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "Seen."}])
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws/a.txt").write_text("alpha\n")
    (tmp_path / "ws/dot.png").write_bytes(_png())
    done = _run(tmp_path / "ws", env, "what is in @dot.png", "-f", "a.txt")
    events = [json.loads(line).get("event", {}) for line in done.stdout.splitlines()]
    bodies = [e["entry"]["body"] for e in events if e.get("kind") == "entry_appended"]
    attached = [body for body in bodies if body["kind"] == "attachment"]
    assert bodies[0]["kind"] == "message"
    assert [body["source"] for body in attached] == ["dot.png", str(tmp_path / "ws/a.txt")]
    assert attached[0]["images"][0]["media_type"] == "image/png"
    assert "alpha" in attached[1]["text"]


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "Never."}])
    (tmp_path / "ws").mkdir()
    done = _run(tmp_path / "ws", env, "look", "-f", "gone.txt")
    assert done.returncode == 2
    assert "gone.txt" in done.stderr
