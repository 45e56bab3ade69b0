"""What is printed and kept."""

from typing import Any

from soak.curve import Curve, Trend, shown


def table(trends: list[tuple[Curve, Trend | None]]) -> str:
    """One line a curve."""
    heads = ("", "first half", "second half", "an hour", "may rise by", "verdict")
    lines = [heads]
    for curve, trend in trends:
        if trend is None:
            lines.append((curve.name, "", "", "", "", "too few samples"))
            continue
        verdict = "shown only" if curve.limit is None else "GROWS" if trend.grows else "flat"
        lines.append((
            curve.name, shown(trend.first, curve.unit), shown(trend.second, curve.unit), shown(trend.slope, curve.unit, signed=True),
            shown(trend.allowed, curve.unit) if curve.limit else "", verdict))
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]

    def row(line: tuple[str, ...]) -> str:
        cells = [cell.ljust(width) if column in (0, 5) else cell.rjust(width) for column, (cell, width) in enumerate(zip(line, widths))]
        return "  ".join(cells).rstrip()

    return "\n".join(row(line) for line in lines)


def figures(trends: list[tuple[Curve, Trend | None]]) -> list[dict[str, Any]]:
    """For the JSON file: bytes and seconds."""
    return [
        {"name": curve.name, "unit": curve.unit, "judged": curve.limit is not None,
         **({"first": trend.first, "second": trend.second, "slopePerHour": trend.slope, "grows": trend.grows,
             **({"allowedRise": trend.allowed, "noticedPerHour": trend.noticed} if curve.limit else {})} if trend else {}),
         "points": [[round(at, 1), value] for at, value in curve.points]}
        for curve, trend in trends]
