"""Documents without a job: a file in every format for whoever has a key, called as the person is."""

import io
import zipfile
from typing import Any

import httpx
import pypdfium2
import pytest
from processor_standins.api import CONTENT

from common.testing.issuer import Issuer


async def ask(client: httpx.AsyncClient, issuer: Issuer, **changes: Any) -> httpx.Response:
    body = {"content": CONTENT} | changes
    return await client.post("/render/v1/documents", json=body, headers=issuer.headers("processor"))


@pytest.mark.parametrize(
    ("format", "ending", "media_type", "start"),
    [
        ("pdf", "pdf", "application/pdf", b"%PDF-"),
        ("docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
        ("html", "html", "text/html; charset=utf-8", b"<!"),
        ("md", "md", "text/markdown; charset=utf-8", b"# "),
        ("txt", "txt", "text/plain; charset=utf-8", "Zoë".encode()),
        ("json", "json", "application/json", b"{"),
        ("yaml", "yaml", "application/yaml", b""),
        ("png", "zip", "application/zip", b"PK"),
    ],
)
async def test_a_document_comes_in_every_format_called_as_the_person_is(
    client: httpx.AsyncClient, issuer: Issuer, format: str, ending: str, media_type: str, start: bytes
) -> None:
    answer = await ask(client, issuer, format=format, template="modern")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == (
        f"attachment; filename=\"Zoe-Angstrom.{ending}\"; filename*=UTF-8''Zo%C3%AB%20%C3%85ngstr%C3%B6m.{ending}"
    )
    assert answer.content.startswith(start)
    assert answer.content
    assert answer.headers.get("x-page-count") == ("1" if format in {"pdf", "png"} else None)
    if format == "png":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as pages:
            assert pages.namelist() == ["page-1.png"]
            assert pages.read("page-1.png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "title", "plain"),
    [
        ('A/../../b"; x=1\r\nSet-Cookie: a=b', "", "A-.-.-b-x-1-Set-Cookie-a-b"),
        ("山田太郎", "", "document"),
        ("  ", "My CV", "My-CV"),
        (None, "", "resume"),
        ("x" * 5000, "", "x" * 120),
    ],
)
async def test_no_name_breaks_out_of_its_header(
    client: httpx.AsyncClient, issuer: Issuer, name: str | None, title: str, plain: str
) -> None:
    content = {"basics": {"name": name}}
    answer = await ask(client, issuer, content=content, title=title, format="txt")
    assert answer.status_code == 200, answer.text
    assert f'filename="{plain}.txt"' in answer.headers["content-disposition"]
    assert "set-cookie" not in answer.headers


async def test_a_key_with_the_scope_renders_and_one_without_does_not(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    for scope, status in (("render:write", 200), ("render:read", 403), ("resumes:write", 403)):
        headers = {"Authorization": f"Bearer {issuer.api_key('processor', scope=scope)}"}
        answer = await client.post(
            "/render/v1/documents", json={"content": CONTENT, "format": "md"}, headers=headers
        )
        assert answer.status_code == status, answer.text


async def test_a_file_for_archives_says_that_it_is_one(client: httpx.AsyncClient, issuer: Issuer) -> None:
    for standard, archived in (("ua-1", False), ("a-2", True)):
        answer = await ask(client, issuer, standard=standard)
        assert answer.status_code == 200, answer.text
        assert "not_accessible" not in answer.headers.get("x-render-warnings", "")
        assert b"<pdfuaid:part>1</pdfuaid:part>" in answer.content
        assert (b"<pdfaid:part>2</pdfaid:part>" in answer.content) is archived
        with pypdfium2.PdfDocument(answer.content) as opened:
            assert bool(opened.get_metadata_dict()["CreationDate"]) is archived


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "md"}, "Only PDFs follow it; this is to be md."),
        ({"format": "png"}, "Only PDFs follow it; this is to be png."),
        (
            {"template": "banner"},
            "Files for archives are not made with the template banner, which a browser prints.",
        ),
    ],
)
async def test_a_standard_that_a_file_cannot_follow_is_refused_as_in_exports(
    client: httpx.AsyncClient, issuer: Issuer, change: dict[str, Any], says: str
) -> None:
    answer = await ask(client, issuer, standard="a-2", **change)
    assert (answer.status_code, answer.json()["code"]) == (422, "UNSUPPORTED_STANDARD")
    assert (answer.json()["detail"], answer.json()["errors"][0]["path"]) == (says, "$.standard")
    assert (await ask(client, issuer, standard="ua-1", format="md")).status_code == 200


async def test_a_letter_is_rendered_as_one(client: httpx.AsyncClient, issuer: Issuer) -> None:
    letter = {"basics": {"name": "Zoë"}, "body": ["I am writing to you."], "closing": "Yours"}
    for format in ("pdf", "txt"):
        answer = await ask(client, issuer, content=letter, kind="cover-letter", format=format)
        assert answer.status_code == 200, answer.text
    assert "I am writing to you." in answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"format": "exe"},
        {"standard": "a-9"},
        {"kind": "poem"},
        {"page": 1},
        {"content": 1},
        {"templateVersion": 0},
        {"templateVersion": 2**31},
        {"template": "x" * 101},
        {"template": "../classic"},
    ],
)
async def test_what_nobody_offers_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, change: dict[str, Any]
) -> None:
    answer = await ask(client, issuer, **change)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
