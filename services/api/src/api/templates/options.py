"""Whether chosen options are such as a template has: the same rules that the processor renders by."""

import re
from collections.abc import Mapping
from typing import Any

from common.problems import FieldError

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def problem(option: Mapping[str, Any], value: object) -> str | None:
    """What `option` allows, as a sentence, if that is not `value`; None if it is, and for types that are new to us."""
    match option.get("type"):
        case "enum":
            return _enum(option, value)
        case "number":
            return _number(option, value)
        case "boolean":
            return None if isinstance(value, bool) else "Must be true or false."
        case "color":
            is_colour = isinstance(value, str) and _COLOUR.fullmatch(value)
            return None if is_colour else "Must be a colour like #1f4e79."
        case "strings":
            return _strings(option, value)
        case "string":
            return None if isinstance(value, str) else "Must be a string."
        case _:
            return None


def problems(options: Mapping[str, Any], chosen: Mapping[str, object], *, at: str) -> list[FieldError]:
    """Everything in `chosen` that a template with `options` does not allow; `at` is the path of `chosen`."""
    known = ", ".join(options) or "none"
    found = []
    for name, value in chosen.items():
        if name not in options:
            found.append(FieldError(f"{at}.{name}", f"There is no such option; there are: {known}."))
        elif (reason := problem(options[name], value)) is not None:
            found.append(FieldError(f"{at}.{name}", reason))
    return found


def _enum(option: Mapping[str, Any], value: object) -> str | None:
    values = option.get("values", ())
    return None if isinstance(value, str) and value in values else f"Must be one of: {', '.join(values)}."


def _number(option: Mapping[str, Any], value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Must be a number."
    low, high = _bounds(option)
    return None if low <= value <= high else f"Must be {_between(low, high)}."


def _strings(option: Mapping[str, Any], value: object) -> str | None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return "Must be a list of strings."
    low, high = _bounds(option)
    if not low <= len(value) <= high:
        return f"The number of strings must be {_between(low, high)}."
    values = option.get("values") or value
    unknown = [item for item in value if item not in values]
    return f"Each must be one of: {', '.join(values)}." if unknown else None


def _bounds(option: Mapping[str, Any]) -> tuple[float, float]:
    high = option.get("max")
    return option.get("min") or 0, float("inf") if high is None else high


def _between(low: float, high: float) -> str:
    return f"at least {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"
