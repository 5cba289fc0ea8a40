"""Numbers as people read them: tokens, money, durations, ages and dates."""

from __future__ import annotations

import datetime as dt

DAY_S = 86_400


def tokens(count: int) -> str:
    """``850``, ``12k``, ``1.2M``."""
    if count < 1_000:
        return str(count)
    if count < 10_000:
        return f"{count / 1_000:.1f}k".replace(".0k", "k")
    if count < 999_500:
        return f"{count / 1_000:.0f}k"
    return f"{count / 1_000_000:.1f}M".replace(".0M", "M")


def size(count: int) -> str:
    """``340 MB``, ``1.2 GB``: decimal, as disks are sold."""
    return f"{count / 1e9:.1f} GB" if count >= 999_500_000 else f"{count / 1e6:.0f} MB"


def money(nano: int) -> str:
    """``$0.42``; below a cent four digits."""
    dollars = nano / 1e9
    return f"${dollars:.2f}" if dollars >= 0.01 or not nano else f"${dollars:.4f}"


def price(dollars: float) -> str:
    """Dollars with as many digits as they need, at least two: ``$3.00``, ``$0.075``."""
    whole, _, cents = f"{dollars:.4f}".rstrip("0").partition(".")
    return f"${whole}.{cents:0<2}"


def share(part: int, whole: int) -> int:
    """Per cent, downwards: only all of it is 100."""
    return 100 * part // whole if whole else 0


def clockwork(seconds: float) -> str:
    """A running time in whole seconds: ``7s``, ``1m 04s``, ``2h 05m``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3_600:
        return f"{whole // 60}m {whole % 60:02}s"
    return f"{whole // 3_600}h {whole % 3_600 // 60:02}m"


def duration(ms: int) -> str:
    """How long something took: ``12ms``, ``4.2s``, ``1m 04s``."""
    if ms < 1_000:
        return f"{ms}ms"
    return f"{ms / 1_000:.1f}s" if ms < 60_000 else clockwork(ms / 1_000)


def age(seconds: float) -> str:
    """How long ago: ``now``, ``5m``, ``3h``, ``12d``, ``4mo``, ``2y``."""
    steps = ((60, 1, ""), (3_600, 60, "m"), (DAY_S, 3_600, "h"), (60 * DAY_S, DAY_S, "d"))
    for limit, unit, sign in steps:
        if seconds < limit:
            return f"{int(seconds // unit)}{sign}" if sign else "now"
    days = int(seconds // DAY_S)
    return f"{days // 30}mo" if days < 700 else f"{days // 365}y"


def bucket(at: float, now: float) -> str:
    """The heading under which a session of that time is found."""
    day, today = dt.date.fromtimestamp(at), dt.date.fromtimestamp(now)
    days = (today - day).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    return "This week" if days < 7 else day.strftime("%B %Y")
