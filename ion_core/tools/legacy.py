"""Which older encoding a text is in that is no UTF-8: Western, Cyrillic, Japanese, Chinese, Korean.

A short file tells little, so this asks how usual the characters would be: each double-byte set
keeps its common ones in a range of lead bytes of their own. A wrong guess shows wrong letters and
does no harm to the file: a codec is chosen only when it gives the same bytes back.
"""

from __future__ import annotations

import re
from typing import NamedTuple

WESTERN = "cp1252"
_LEFT = "utf-8"  # nothing fits: bytes stay what they are

_RUNS = re.compile(rb"[\x80-\xff]{2,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_KANA, _PUNCTUATION = range(0x3041, 0x3100), range(0x3001, 0x3012)
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_CYRILLIC, _CYRILLIC_SMALL = range(0x410, 0x450), range(0x430, 0x450)


class _DoubleByte(NamedTuple):
    """A codec, and the lead bytes of its usual characters: level 1 of JIS X 0208 and GB 2312, the
    frequent part of Big5, the syllables of KS X 1001."""

    codec: str
    usual: range


_EASTERN = (
    _DoubleByte("cp949", range(0xB0, 0xC9)),  # the narrowest first: it wins a tie
    _DoubleByte("cp932", range(0x88, 0x98)),
    _DoubleByte("gb18030", range(0xB0, 0xD8)),
    _DoubleByte("big5", range(0xA4, 0xC7)),
    _DoubleByte("euc_jp", range(0xB0, 0xD0)),
)


def legacy_codec(data: bytes) -> str:
    """The codec of ``data``, which are not UTF-8; ``utf-8`` where it is a damaged one, or nothing
    gives the same bytes back."""
    if _is_damaged_utf8(data):
        return _LEFT
    high = len(_HIGH.findall(data))
    in_runs = sum(map(len, _RUNS.findall(data)))
    if in_runs * 2 >= high:
        scores = {codec: _score(data, codec, usual) for codec, usual in _EASTERN}
        scores["cp1251"] = _cyrillic(data)
        best = max(scores, key=lambda codec: scores[codec])
        if scores[best] > 0.5 * high:
            return best
    return WESTERN if _gives_back(data, WESTERN) else _LEFT


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether more of it is UTF-8 beyond ASCII than is not."""
    text = data.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= char <= "\udcff" for char in text)
    return sum(char > "\x7f" for char in text) > 2 * broken


def _gives_back(data: bytes, codec: str) -> bool:
    try:
        return data.decode(codec).encode(codec) == data
    except UnicodeError:
        return False


def _score(data: bytes, codec: str, usual: range) -> float:
    """How usual its characters are in a double-byte codec: up to the number of its high bytes."""
    if not _gives_back(data, codec):
        return 0.0
    return sum(_weight(char, codec, usual) for char in data.decode(codec) if char > "\x7f")


def _weight(char: str, codec: str, usual: range) -> float:
    if ord(char) in _KANA and codec in ("cp932", "euc_jp"):
        return 2.4
    if ord(char) in _PUNCTUATION or ord(char) in _FULL_WIDTH:
        return 1.5
    if char.encode(codec)[0] not in usual:
        return -0.5
    return 1.2 if codec == "euc_jp" else 2.0  # Japanese without kana is more likely Korean


def _cyrillic(data: bytes) -> float:
    if not _gives_back(data, "cp1251"):
        return 0.0
    text = data.decode("cp1251")
    letters = [ord(char) for char in text if ord(char) in _CYRILLIC]
    small = sum(code in _CYRILLIC_SMALL for code in letters)
    return 2.0 * small - sum(char > "\x7f" for char in text)
