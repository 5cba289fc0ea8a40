"""The table as text: fixed columns, one line a row, floors and notes beneath their row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.bench.row import Row, median, quantile, verdict

HEAD = ("what", "median", "p95", "min–max", "n", "unit", "must", "aims", "reaches")
RIGHT = frozenset({"median", "p95", "min–max", "n", "must", "aims"})


def render(rows: Sequence[Row], facts: Mapping[str, str]) -> str:
    """Everything that ``make bench`` prints."""
    cells = [HEAD, *(line for row in rows for line in _lines(row))]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEAD))]
    table = [_aligned(line, widths) for line in cells]
    table.insert(1, "  ".join("─" * width for width in widths))
    notes = [f"{row.name}: {row.note}" for row in rows if row.note]
    machine = [f"{name:<9} {fact}" for name, fact in facts.items()]
    return "\n".join([*machine, "", *table, "", *notes])


def _lines(row: Row) -> Iterator[tuple[str, ...]]:
    yield (
        row.name,
        *_figures(row.samples),
        row.unit,
        _figure(row.must),
        _figure(row.aims),
        verdict(row),
    )
    for floor in row.floors:
        yield (f"  floor: {floor.name}", *_figures(floor.samples), row.unit, "", "", "")


def _figures(samples: Sequence[float]) -> tuple[str, str, str, str]:
    if not samples:
        return "–", "–", "–", "0"
    return (
        _figure(median(samples)),
        _figure(quantile(samples, 0.95)),
        f"{_figure(min(samples))}–{_figure(max(samples))}",
        str(len(samples)),
    )


def _figure(value: float | None) -> str:
    """Three significant digits, without an exponent."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return (
        f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else _small(value)
    )


def _small(value: float) -> str:
    return f"{value:.3f}" if abs(value) >= 0.01 else f"{value:.4f}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if name in RIGHT else cell.ljust(width)
        for name, cell, width in zip(HEAD, line, widths, strict=True)
    ]
    return "  ".join(cells).rstrip()
