"""A template as the catalogue shows it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from common.contracts.templates import TemplatePut
from processor.rendering import Option, Template


def entry(template: Template, previews: Sequence[str] = (), *, is_available: bool = True) -> TemplatePut:
    """`previews` are the keys of pictures that are stored already; the api keeps those it knows if there are none."""
    return TemplatePut(
        version=template.version,
        engine=template.engine,
        name=template.name,
        description=template.description,
        page_sizes=list(template.pages),
        options={name: _option(option) for name, option in template.options.items()},
        kinds=list(template.kinds),
        previews=list(previews),
        available=is_available,
    )


def _option(option: Option) -> dict[str, Any]:
    """The option without what it leaves open: no empty `values`, no missing bounds."""
    described: dict[str, Any] = msgspec.to_builtins(option)
    bare: dict[str, Any] = {"values": (), "min": None, "max": None, "description": ""}
    return {name: value for name, value in described.items() if name not in bare or value != bare[name]}
