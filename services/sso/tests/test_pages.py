"""What holds for every hosted page."""

import re
from pathlib import Path

import httpx
import pytest
from babel.messages.extract import extract_from_dir

import sso.pages
from sso.pages import PAGES

FOLDER = Path(sso.pages.__file__).parent
CATALOGUES = {tag: texts for tag, texts in PAGES.languages.catalogues.items() if tag != "en"}


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_text_is_translated(language: str) -> None:
    found = extract_from_dir(
        FOLDER, method_map=[("templates/**", "jinja2.ext:babel_extract")], options_map={}
    )
    texts = {message for _, _, message, _, _ in found}
    assert len(texts) > 20
    assert texts == set(CATALOGUES[language]), "texts without a translation, or translations without a text"


@pytest.mark.parametrize("language", CATALOGUES)
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    for text, translated in CATALOGUES[language].items():
        placeholders = [sorted(re.findall(r"%\(\w+\)s", words)) for words in (text, translated)]
        assert placeholders[0] == placeholders[1]


async def test_the_style_sheet_of_the_pages_is_ours(client: httpx.AsyncClient) -> None:
    page = await client.get("/auth/ui/verify?token=x")
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]*)">', page.text)
    assert sheets == ["/auth/ui.css"]
    sheet = await client.get(sheets[0])
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
