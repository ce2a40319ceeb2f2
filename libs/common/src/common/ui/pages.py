"""Rendering of the templates in this folder, with autoescape; what a page is given is data, never markup."""

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")


def code_spans(text: str) -> Markup:
    """`text` with what stands between backticks as `<code>`; everything is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped before)


@cache
def environment() -> Environment:
    found = Environment(
        loader=PackageLoader("common.ui", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["code_spans"] = code_spans
    return found


def render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(**values)
