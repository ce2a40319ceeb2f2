"""Colours that can be read."""

from processor.rendering.contrast import ENOUGH, contrast

_STEPS = 20


def readable(colour: str, *, on: str) -> str:
    """`colour` (`#rrggbb`), moved towards black or white as far as text on a ground of the colour `on` needs."""
    end = max(("#000000", "#ffffff"), key=lambda end: contrast(end, on))
    steps = (_mixed(colour, end, step / _STEPS) for step in range(_STEPS + 1))
    return next((found for found in steps if contrast(found, on) >= ENOUGH), end)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
