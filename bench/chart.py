"""A line chart on logarithmic axes, as SVG text: two panels side by side need no library."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH: Final = 420
HEIGHT: Final = 300
MARGIN: Final = 56
RIGHT: Final = 32
COLORS: Final = (
    *("#1f6feb", "#c2410c", "#15803d", "#7c3aed", "#0891b2"),
    *("#b45309", "#be185d", "#4b5563", "#111827"),
)
LEGEND: Final = 4
"""Names below each other."""

Points = Sequence[tuple[float, float]]


def chart(panels: Mapping[str, Mapping[str, Points]], axis: str = "customers") -> str:
    """An SVG of one panel a title, each with lines by name; `axis` names what grows."""
    body = "".join(
        f'<g transform="translate({place * WIDTH},0)">{_panel(title, lines, axis)}</g>'
        for place, (title, lines) in enumerate(panels.items())
    )
    size = f'width="{WIDTH * len(panels)}" height="{HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#fff"/>{body}</svg>\n'
    )


def _panel(title: str, lines: Mapping[str, Points], axis: str) -> str:
    points = [point for line in lines.values() for point in line]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    low, high = 10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys)))

    def place(x: float, y: float) -> tuple[float, float]:
        along = _share(x, min(xs), max(xs)) * (WIDTH - MARGIN - RIGHT)
        return MARGIN + along, HEIGHT - MARGIN - _share(y, low, high) * (HEIGHT - MARGIN - 50)

    drawn = [f'<text x="{MARGIN}" y="20" font-weight="bold">{escape(title)}</text>']
    for x in sorted(set(xs)):
        at, _ = place(x, low)
        drawn.append(f'<text x="{at:.0f}" y="{HEIGHT - 36}" text-anchor="middle">{x:,.0f}</text>')
    tick = low
    while tick <= high:
        _, at = place(min(xs), tick)
        drawn.append(
            f'<line x1="{MARGIN}" x2="{WIDTH - RIGHT}" y1="{at:.0f}" y2="{at:.0f}" stroke="#ddd"/>'
            f'<text x="{MARGIN - 6}" y="{at + 4:.0f}" text-anchor="end">{tick:g}</text>'
        )
        tick *= 10
    for number, (name, line) in enumerate(lines.items()):
        color = COLORS[number]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        x, y = MARGIN + 10 + 90 * (number // LEGEND), 44 + 16 * (number % LEGEND)
        drawn.append(f'<text x="{x}" y="{y}" fill="{color}">{escape(name)}</text>')
    drawn.append(f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(axis)}</text>')
    return "".join(drawn)


def _share(value: float, low: float, high: float) -> float:
    return (math.log10(value) - math.log10(low)) / ((math.log10(high) - math.log10(low)) or 1)
