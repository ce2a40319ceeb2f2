"""Contrast of colours, after WCAG 2.2, success criterion 1.4.3."""

ENOUGH = 4.5
"""The ratio that text of ordinary size has to have."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours like `#1f4e79`: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
