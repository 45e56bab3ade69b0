"""All curves as one SVG, a panel each."""

from html import escape

from soak.curve import Curve, Trend, shown

WIDTH, HEIGHT = 420, 120
COLUMNS = 3
GAP = 16
HEAD = 44
INK, PALE, GREEN, RED = "#24292f", "#8b949e", "#1a7f5a", "#c0392b"


def picture(title: str, curves: list[tuple[Curve, Trend | None]], warm: float, end: float) -> str:
    rows = -(-len(curves) // COLUMNS)
    width, height = COLUMNS * (WIDTH + GAP) + GAP, HEAD + rows * (HEIGHT + GAP)
    panels = "\n".join(
        f'<g transform="translate({GAP + number % COLUMNS * (WIDTH + GAP)} {HEAD + number // COLUMNS * (HEIGHT + GAP)})">'
        f"{_panel(curve, trend, warm, end)}</g>"
        for number, (curve, trend) in enumerate(curves))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="{INK}">\n<title>{escape(title)}</title>\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n<text x="{GAP}" y="26" font-size="14">{escape(title)}</text>\n'
        f"{panels}\n</svg>\n")


def _panel(curve: Curve, trend: Trend | None, warm: float, end: float) -> str:
    top, bottom, left, right = 22, HEIGHT - 8, 0, WIDTH
    values = [value for _, value in curve.points] or [0.0]
    # From zero, so that a flat line looks flat.
    greatest = max(*values, 1e-9) * 1.08

    def x(seconds: float) -> float:
        return left + (right - left) * min(1.0, seconds / end)

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / greatest

    colour = RED if trend and trend.grows else GREEN
    parts = [
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="#f6f8fa"/>',
        f'<rect x="{left}" y="{top}" width="{x(warm):.1f}" height="{bottom - top}" fill="#e9ecef"/>',
        f'<text x="{left}" y="14">{escape(curve.name)}</text>',
        f'<text x="{right}" y="14" text-anchor="end" fill="{PALE}">up to {escape(shown(max(values), curve.unit))}</text>',
        f'<polyline fill="none" stroke="{colour}" stroke-width="1.3" points="'
        + " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in curve.points) + '"/>',
    ]
    if trend:
        middle = (warm + end) / 2
        for begin, stop, level in ((warm, middle, trend.first), (middle, end, trend.second)):
            parts.append(
                f'<line x1="{x(begin):.1f}" x2="{x(stop):.1f}" y1="{y(level):.1f}" y2="{y(level):.1f}" stroke="{INK}" '
                'stroke-dasharray="3 3" stroke-width="0.8"/>')
    return "".join(parts)
