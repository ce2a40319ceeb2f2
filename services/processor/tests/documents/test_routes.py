"""Previews and documents over HTTP, without a job."""

from typing import Any

import httpx
import pytest
from processor_standins.api import CONTENT

from common.testing.issuer import OTHER_KEY, Issuer

BODY: dict[str, Any] = {"content": CONTENT}


@pytest.mark.parametrize(
    ("format", "media_type", "start"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("svg", "image/svg+xml", b"<svg"),
        ("png", "image/png", b"\x89PNG"),
    ],
)
async def test_a_preview_comes_in_every_format(
    client: httpx.AsyncClient, issuer: Issuer, format: str, media_type: str, start: bytes
) -> None:
    answer = await client.post(
        "/render/v1/previews",
        json=BODY | {"format": format} | ({} if format == "pdf" else {"page": 1}),
        headers=issuer.headers("processor"),
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.content.startswith(start)
    assert answer.headers["x-page-count"] == "1"


async def test_a_preview_shows_how_sections_are_set(client: httpx.AsyncClient, issuer: Issuer) -> None:
    look = {"name": "skills", "kind": "skills", "title": "Abilities", "columns": 2, "pageBreakBefore": True}
    body = BODY | {"format": "png", "page": 1, "sections": [look]}
    answer = await client.post("/render/v1/previews", json=body, headers=issuer.headers("processor"))
    assert answer.headers["x-page-count"] == "2"
    look["columns"] = 5
    answer = await client.post("/render/v1/previews", json=body, headers=issuer.headers("processor"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "$.sections[0].columns"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"options": {"accent": "red"}}, "$.options.accent"),
        ({"options": {"nope": 1}}, "$.options.nope"),
        ({"template": "nope"}, "$.template"),
        ({"templateVersion": 99}, "$.templateVersion"),
        ({"page": 7}, "$.page"),
        ({"pages": [1, 7]}, "$.pages"),
    ],
)
async def test_what_cannot_be_rendered_is_named(
    client: httpx.AsyncClient, issuer: Issuer, change: dict[str, Any], path: str
) -> None:
    answer = await client.post("/render/v1/previews", json=BODY | change, headers=issuer.headers("processor"))
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "NOT_RENDERABLE"
    assert answer.json()["errors"][0]["path"] == path


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"content": []}',
        b'{"content": {}, "unknown": 1}',
        b'{"content": {}, "language": "../../etc"}',
        b'{"content": {}, "page": 0}',
        b'{"content": {}, "format": "exe"}',
        b'{"content": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    ],
)
async def test_bad_bodies_are_problems(client: httpx.AsyncClient, issuer: Issuer, body: bytes) -> None:
    answer = await client.post("/render/v1/previews", content=body, headers=issuer.headers("processor"))
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "VALIDATION_FAILED"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"basics": "only a text"},
        {"basics": {"name": "\u0000 null 😀 مرحبا"}},
        {"work": [{"name": f"Job {n}", "summary": "x" * 50} for n in range(500)]},
        {"work": {"a": {"b": [[[1, None, True, 1e308]]]}}},
    ],
)
async def test_odd_content_is_rendered_all_the_same(
    client: httpx.AsyncClient, issuer: Issuer, content: dict[str, Any]
) -> None:
    answer = await client.post(
        "/render/v1/documents", json={"content": content}, headers=issuer.headers("processor")
    )
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF-")


async def test_strangers_get_nothing(client: httpx.AsyncClient, issuer: Issuer) -> None:
    bad = [
        {},
        {"Authorization": "Bearer nonsense"},
        issuer.headers("api"),
        issuer.headers("processor", exp=1),
        issuer.headers("processor", key=OTHER_KEY),
    ]
    for path in ("/render/v1/previews", "/render/v1/documents"):
        for headers in bad:
            assert (await client.post(path, json=BODY, headers=headers)).status_code == 401
        assert (
            await client.post(path, json=BODY, headers=issuer.service_headers("processor"))
        ).status_code == 403
