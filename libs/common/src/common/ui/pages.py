"""Rendering of templates, with autoescape; what a page is given is data, never markup."""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from common.ui.assets import Asset
from common.ui.languages import Languages, direction

_CODE = re.compile(r"`([^`]+)`")
_SHARED = PackageLoader("common.ui", "templates")


def code_spans(text: str) -> Markup:
    """`text` with what stands between backticks as `<code>`; everything is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped before)


def _environment(loader: BaseLoader, **options: Any) -> Environment:
    made = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, **options)
    made.filters["code_spans"] = code_spans
    return made


@cache
def environment() -> Environment:
    return _environment(_SHARED)


def render(template: str, **values: Any) -> str:
    """One of the templates in this folder, in English."""
    return environment().get_template(template).render(**values)


class Pages:
    """The pages of a package: its `templates/` over those of this folder, its texts from the catalogues in `locale/`.

    A page that extends `page.html` knows the addresses of `assets` by their names, `style` being the style sheet, and
    `switch`, where its form for another language is sent; it needs `here`, where that leads back to ("" for no form).
    """

    def __init__(self, package: str, *, switch: str, assets: Mapping[str, Asset]) -> None:
        self._package, self._switch, self._assets = package, switch, assets
        self._environments: dict[str, Environment] = {}

    @cached_property
    def languages(self) -> Languages:
        return Languages(Path(str(files(self._package))) / "locale")

    def render(self, template: str, language: str, **values: Any) -> str:
        """`template` in `language`, one of `self.languages`."""
        return self._in(language).get_template(template).render(**values)

    def _in(self, language: str) -> Environment:
        made = self._environments.get(language)
        if made is None:
            made = self._environments[language] = self._translated(language)
        return made

    def _translated(self, language: str) -> Environment:
        loader = ChoiceLoader([PackageLoader(self._package), _SHARED])
        environment = _environment(loader, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"])
        environment.globals.update(
            language=language,
            direction=direction(language),
            languages=self.languages.names,
            switch=self._switch,
            **{name: asset.address for name, asset in self._assets.items()},
        )

        def translate(text: str) -> str:
            return self.languages.translate(language, text)

        def translate_count(one: str, many: str, count: int) -> str:
            return self.languages.translate_count(language, one, many, count)

        environment.install_gettext_callables(  # type: ignore[attr-defined]  # (the extension adds it)
            translate, translate_count, newstyle=True
        )
        return environment
