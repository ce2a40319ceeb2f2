"""The words that head a resume's sections are the same on its public page and in its PDF."""

from pathlib import Path

import pytest

import api.shares
from api.shares.reading.entries import KINDS
from common.ui.languages import Languages
from processor.outlines.labels import labels_in

PAGES = Languages(Path(api.shares.__file__).with_name("locale"))
ENGLISH = {name: kind.heading for name, kind in KINDS.items()} | {"summary": "Profile"}


@pytest.mark.parametrize("language", PAGES.catalogues)
def test_a_section_is_called_the_same_on_the_page_and_in_the_pdf(language: str) -> None:
    on_the_page = {name: PAGES.translate(language, heading) for name, heading in ENGLISH.items()}
    assert on_the_page == {name: labels_in(language)[name] for name in ENGLISH}
