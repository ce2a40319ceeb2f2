"""JSON that comes out as it went in.

Python's `float` rounds `0.1000000000000000000001` and has no `1e400`; such numbers are kept as `Decimal` and written
with all their digits. Integers have no bound but the interpreter's 4,300 digits. What JSON text cannot carry in a
well-formed way (lone surrogates, bytes that are not UTF-8) is refused, not repaired.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

import msgspec

from common.problems import FieldError, ValidationFailed

MAX_DEPTH = 64
"""How many arrays and objects may stand inside each other."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class NotJson(ValidationFailed):
    """The text is not JSON that we can keep; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__(f"$: {message}", errors=[FieldError("$", message)])


def _number(text: str) -> float | Decimal:
    """A float where that is the very number that was written, else a Decimal."""
    value = float(text)
    if repr(value) == text or (isfinite(value) and Decimal(repr(value)) == Decimal(text)):
        return value
    return Decimal(text)


_decoder = msgspec.json.Decoder(float_hook=_number)
_encoder = msgspec.json.Encoder(decimal_format="number")
_canonical = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_plain = msgspec.json.Encoder(decimal_format="string")

encode = _encoder.encode
"""`value` as compact JSON, every number with the value it came with."""
canonical = _canonical.encode
"""The one spelling of `value`: keys sorted, UTF-8, no spaces."""


def decode(text: bytes | str) -> Any:
    """The value of JSON `text`. Raises NotJson."""
    try:
        value = _decoder.decode(text)
    except RecursionError as error:
        raise NotJson(_TOO_DEEP) from error
    except UnicodeDecodeError as error:
        raise NotJson("The text is not UTF-8.") from error
    except InvalidOperation as error:
        raise NotJson("A number's exponent is out of any range.") from error
    except msgspec.DecodeError as error:
        raise NotJson(_explain(text, error)) from error
    if is_deeper(value, MAX_DEPTH):
        raise NotJson(_TOO_DEEP)
    return value


def plain(text: bytes | str) -> bytes:
    """JSON `text` with the numbers that no double can hold as strings: for readers that have only doubles."""
    return _plain.encode(_decoder.decode(text))


_TOO_DEEP = f"Arrays and objects are nested deeper than {MAX_DEPTH} levels."


def _explain(text: bytes | str, error: msgspec.DecodeError) -> str:
    if isinstance(text, bytes) and _lone_surrogate(text):
        return "A string has a lone surrogate (\\uD800 to \\uDFFF), which is no character."
    return str(error)


def _lone_surrogate(text: bytes) -> bool:
    """Whether an escape of half a character stands without its other half."""
    pairs = re.sub(rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}", b"", text)
    return bool(_SURROGATE.search(pairs))


def is_deeper(value: Any, most: int) -> bool:
    """Whether more than `most` arrays and objects stand inside each other in `value`."""
    level = _containers([value])
    for _ in range(most):
        level = [child for parent in level for child in _containers(_children(parent))]
        if not level:
            return False
    return True


def _children(parent: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return parent.values() if isinstance(parent, dict) else parent


def _containers(values: Iterable[Any]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]
