"""The fields of forms, and where a form goes on to."""

from typing import Annotated, Any, TypeVar

import msgspec
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter

T = TypeVar("T")

FormBody = Annotated[T, Body(media_type=RequestEncodingType.URL_ENCODED)]
Continue = Annotated[str, QueryParameter(name="continue")]
"""Where to go on to: unchecked, see `continuations.checked`. It is in the address of a form, so that a page whose form
was refused can be opened again."""
Errors = dict[str, str]
"""By the field: the name of what is wrong with it, which `templates/forms.html` has words for; "" is the form."""


def wrong(**fields: tuple[Any, str]) -> Errors:
    """Of fields, each with the type that it should have: those that are `missing` or `invalid`."""
    errors = {name: "missing" for name, (_, text) in fields.items() if not text.strip()}
    for name, (kind, text) in fields.items():
        try:
            msgspec.convert(text, kind)
        except msgspec.ValidationError:
            errors.setdefault(name, "invalid")
    return errors


def field(name: str) -> Any:
    """A field of a form whose `name` is no name in Python; "" where it is not sent."""
    return msgspec.field(name=name, default="")
