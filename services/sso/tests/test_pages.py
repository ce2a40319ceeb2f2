"""What holds for every hosted page."""

import re
from pathlib import Path

import httpx
import pytest

import common.ui
import sso.pages
from common.testing.catalogues import placeholders, texts_of
from sso.pages import PAGES

FOLDERS = [Path(package.__file__ or "").parent for package in (sso.pages, common.ui)]
TRANSLATIONS = sorted(PAGES.languages.catalogues.keys() - {"en"})


def test_the_languages_are_these() -> None:
    assert PAGES.languages.names == {"ar": "العربية", "de": "Deutsch", "en": "English", "es": "Español"}


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_text_is_translated(language: str) -> None:
    texts, counted = texts_of(*FOLDERS)
    assert len(texts) > 300
    assert texts == set(PAGES.languages.catalogues[language]), "a text without a translation, or the reverse"
    assert {one for one, _ in counted} == set(PAGES.languages.plurals[language])


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    for text, translated in PAGES.languages.catalogues[language].items():
        assert placeholders(text) == placeholders(translated), text
        assert not re.search(r"[<>\n]|\s\s|^\s|\s$", translated), translated
    for one, forms in PAGES.languages.plurals[language].items():
        assert {tuple(placeholders(form)) for form in forms} == {tuple(placeholders(one))}


async def test_the_style_sheet_of_the_pages_is_ours_and_kept_for_good_under_an_address_of_its_content(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/auth/ui/login")
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]*)">', page.text)
    scripts = re.findall(r'<script src="([^"]*)" defer></script>', page.text)
    assert (len(sheets), len(scripts)) == (1, 2)
    for address, kind in [(sheets[0], "text/css"), *((script, "text/javascript") for script in scripts)]:
        asset = await client.get(address)
        assert (asset.status_code, asset.headers["content-type"]) == (200, f"{kind}; charset=utf-8")
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        other = await client.get(address[:-1] + ("0" if address[-1] != "0" else "1"))
        assert other.headers["cache-control"] == "no-cache"
        assert other.content == asset.content


async def test_pages_run_no_inline_script_and_ask_nobody_else(client: httpx.AsyncClient) -> None:
    # SECURITY 26
    for path in ("login", "register", "reset", "verify?token=x", "magic?token=x"):
        page = await client.get(f"/auth/ui/{path}")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        for forbidden in ("<style", " style=", " onclick", "http:", "https:", "<script>"):
            assert forbidden not in page.text, (path, forbidden)
