from pathlib import Path

import pytest

from common.ui.languages import Languages, direction

CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Hello"\nmsgstr "{}"\n'


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Languages:
    folder = tmp_path_factory.mktemp("locale")
    for name, hello in {"de": "Hallo", "pt_BR": "Olá", "he": "שלום"}.items():
        (folder / f"{name}.po").write_text(CATALOGUE.format(hello))
    return Languages(folder)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("de", "de"),
        ("DE-at,en;q=0.5", "de"),
        ("fr,de;q=0.8,en;q=0.9", "en"),
        ("fr, de ; q=0.8, en;q=0.7", "de"),
        ("de;q=0,en;q=0.1", "en"),
        ("pt-BR", "pt-br"),
        ("pt", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
        ("../../x,\x00,;;q=,de;q=nan", "en"),
        (",".join(["x"] * 5000) + ",de", "en"),
    ],
)
def test_the_most_wanted_language_that_there_is_gets_chosen(
    languages: Languages, header: str, chosen: str
) -> None:
    assert languages.choose(header) == chosen


def test_what_a_catalogue_does_not_have_stays_english(languages: Languages) -> None:
    assert [languages.translate(tag, "Hello") for tag in ("en", "de", "pt-br")] == ["Hello", "Hallo", "Olá"]
    assert languages.translate("de", "Something else") == "Something else"


def test_a_language_knows_where_its_lines_begin() -> None:
    assert [direction(tag) for tag in ("en", "pt-br", "he")] == ["ltr", "ltr", "rtl"]


PLURALS = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);\\n"

msgid "one key"
msgid_plural "many keys"
msgstr[0] "zero"
msgstr[1] "one"
msgstr[2] "two"
msgstr[3] "few"
msgstr[4] "many"
msgstr[5] "other"
"""


def test_a_number_gets_the_form_that_the_language_has_for_it(tmp_path: Path) -> None:
    (tmp_path / "ar.po").write_text(PLURALS)
    languages = Languages(tmp_path)
    numbers = (0, 1, 2, 3, 10, 11, 99, 100, 103)
    said = [languages.translate_count("ar", "one key", "many keys", number) for number in numbers]
    assert said == ["zero", "one", "two", "few", "few", "many", "many", "other", "few"]
    english = [languages.translate_count("en", "one key", "many keys", number) for number in (0, 1, 2)]
    assert english == ["many keys", "one key", "many keys"]


def test_languages_say_their_own_names(languages: Languages) -> None:
    assert languages.names == {"de": "Deutsch", "en": "English", "he": "עברית", "pt-br": "Português (Brasil)"}
