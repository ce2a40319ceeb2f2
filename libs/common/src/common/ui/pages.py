"""Rendering of the templates in this folder, with autoescape; what a page is given is data, never markup."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader


@cache
def environment() -> Environment:
    return Environment(
        loader=PackageLoader("common.ui", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(**values)
