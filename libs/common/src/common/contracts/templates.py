"""What the processor tells the api about the templates that it can render."""

from typing import Any

import msgspec


class TemplatePut(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `PUT /internal/templates/{id}`: one version of one template, as the catalogue shows it."""

    version: int
    engine: str
    name: str
    description: str
    page_sizes: list[str]
    options: dict[str, Any]
