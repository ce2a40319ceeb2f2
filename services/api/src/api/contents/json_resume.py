"""What in a document is not as JSON Resume 1.3.1 describes it.

The schema allows members it does not know everywhere, so only the type and form of those it knows can be wrong.
Written by hand from https://jsonresume.org/schema: a table of some 80 fields needs no validator library.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

MOST_WARNINGS = 100


class Warning(msgspec.Struct, frozen=True):
    """A place in a document, and what is not as the schema says. It was kept all the same."""

    path: str
    message: str


class Form(msgspec.Struct, frozen=True):
    """What a text must look like."""

    name: str
    pattern: re.Pattern[str]


TEXT = Form("text", re.compile(r"", re.DOTALL))
DATE = Form("a date like 2024, 2024-06 or 2024-06-29", re.compile(r"[12]\d{3}(-[01]\d(-[0-3]\d)?)?\Z"))
URI = Form("an address like https://example.org", re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z"))
EMAIL = Form("an e-mail address", re.compile(r"[^@\s]+@[^@\s]+\Z"))

Shape = Form | dict[str, Any] | list[Any]


def _fields(names: str, **others: Shape) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), TEXT) | others


SCHEMA: dict[str, Shape] = {
    "$schema": URI,
    "basics": _fields(
        "name label image phone summary",
        email=EMAIL,
        url=URI,
        location=_fields("address postalCode city countryCode region"),
        profiles=[_fields("network username", url=URI)],
    ),
    "work": [
        _fields(
            "name location description position summary",
            url=URI,
            startDate=DATE,
            endDate=DATE,
            highlights=[TEXT],
        )
    ],
    "volunteer": [
        _fields("organization position summary", url=URI, startDate=DATE, endDate=DATE, highlights=[TEXT])
    ],
    "education": [
        _fields("institution area studyType score", url=URI, startDate=DATE, endDate=DATE, courses=[TEXT])
    ],
    "awards": [_fields("title awarder summary", date=DATE)],
    "certificates": [_fields("name issuer", date=DATE, url=URI)],
    "publications": [_fields("name publisher summary", releaseDate=DATE, url=URI)],
    "skills": [_fields("name level", keywords=[TEXT])],
    "languages": [_fields("language fluency")],
    "interests": [_fields("name", keywords=[TEXT])],
    "references": [_fields("name reference")],
    "projects": [
        _fields(
            "name description entity type",
            highlights=[TEXT],
            keywords=[TEXT],
            roles=[TEXT],
            startDate=DATE,
            endDate=DATE,
            url=URI,
        )
    ],
    "meta": _fields("version lastModified", canonical=URI),
}


def warnings(document: dict[str, Any]) -> list[Warning]:
    """The first hundred things that are not as the schema says."""
    found = _check(document, SCHEMA, "$")
    return [warning for warning, _ in zip(found, range(MOST_WARNINGS), strict=False)]


def _check(value: Any, shape: Shape, path: str) -> Iterator[Warning]:
    if isinstance(shape, Form):
        yield from _check_text(value, shape, path)
    elif isinstance(shape, dict):
        yield from _check_object(value, shape, path)
    elif not isinstance(value, list):
        yield Warning(path, f"Expected a list, found {_kind(value)}.")
    else:
        for index, item in enumerate(value):
            yield from _check(item, shape[0], f"{path}[{index}]")


def _check_object(value: Any, shape: dict[str, Shape], path: str) -> Iterator[Warning]:
    if not isinstance(value, dict):
        yield Warning(path, f"Expected an object, found {_kind(value)}.")
        return
    for name in value:
        if name in shape:
            yield from _check(value[name], shape[name], f"{path}.{name}")


def _check_text(value: Any, form: Form, path: str) -> Iterator[Warning]:
    if not isinstance(value, str):
        yield Warning(path, f"Expected text, found {_kind(value)}.")
    elif not form.pattern.match(value):
        yield Warning(path, f"Expected {form.name}.")


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
