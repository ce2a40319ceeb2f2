"""Every mail in every language: the catalogues against the templates."""

import re

import pytest
from processor_standins.letters import FOLDER

from common.testing.catalogues import placeholders, texts_of
from processor.mails.letters import LANGUAGES, write

TRANSLATIONS = sorted(LANGUAGES.catalogues.keys() - {"en"})


def test_the_languages_are_these() -> None:
    assert sorted(LANGUAGES.catalogues) == ["ar", "de", "en", "es"]


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_text_is_translated(language: str) -> None:
    texts, _ = texts_of(FOLDER)
    assert len(texts) > 70
    assert texts == set(LANGUAGES.catalogues[language]), (
        "texts without a translation, or translations without a text"
    )


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_says_it_in_its_own_language_with_the_same_values_and_the_same_ending(
    language: str,
) -> None:
    for text, translated in LANGUAGES.catalogues[language].items():
        assert translated != text
        assert placeholders(translated) == placeholders(text)
        if not text.startswith("Hello"):
            assert (translated[-1] in ".:") == (text[-1] in ".:"), translated
        assert not re.search(r"[<>\n]|\s\s|^\s|\s$", translated), translated


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE", "de"),
        ("de_CH", "de"),
        ("es-419", "es"),
        ("ar-EG", "ar"),
        ("fr", "en"),
        ("", "en"),
        ("../../x", "en"),
    ],
)
def test_the_nearest_language_is_chosen(wanted: str, written: str) -> None:
    assert write("password-changed", locale=wanted, data={}).language == written
