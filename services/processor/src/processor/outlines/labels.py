"""The words of a document that are not its content: section titles, `Present`, names of contact rows."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Labels = Mapping[str, str]


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("labels.toml").read_text())


@cache
def labels_in(language: str) -> Labels:
    """All labels in a language (the primary subtag of BCP 47, as `de`), in English where a word is missing."""
    return {**_table()["en"], **_table().get(language, {})}
