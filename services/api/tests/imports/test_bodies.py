"""How a document is sent: as JSON or as a form, within bounds, once, or just to see."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from imports.conftest import PATH, Import, document
from imports.exports import basic

from common.ids import new_id

RESUME = json.dumps({"basics": {"name": "Ada"}, "work": [{"name": "Engine"}]}).encode()
Owner = dict[str, str]


async def send(
    client: httpx.AsyncClient, owner: Owner, file: bytes, *, query: str = "", **fields: str
) -> Any:
    return await client.post(PATH + query, files={"file": ("cv", file)}, data=fields, headers=owner)


@pytest.mark.parametrize(
    ("file", "format"),
    [
        (RESUME, "json-resume"),
        (b"\xef\xbb\xbf" + RESUME, "json-resume"),
        (b"basics:\n  name: Ada\n", "json-resume"),
        (document("reactive-resume-v4.json"), "reactive-resume"),
        (document("reactive-resume-v5.json"), "reactive-resume"),
        (document("rendercv.yaml"), "rendercv"),
        (document("europass-3.xml"), "europass"),
        (document("europass-3.json"), "europass"),
        (document("europass-4.xml"), "europass"),
        (basic(), "linkedin-zip"),
    ],
)
async def test_the_format_is_told_from_the_file(
    client: httpx.AsyncClient, owner: Owner, file: bytes, format: str
) -> None:
    answer = await send(client, owner, file)
    assert answer.status_code == 201, answer.text
    assert answer.json()["format"] == format
    assert answer.headers["location"].endswith(answer.json()["resume"]["id"])


@pytest.mark.parametrize("file", [b"{}", b'{"a": 1}', b"a: 1", b"just words", b"[]", b"<html/>", b""])
async def test_what_could_be_anything_is_refused_with_the_formats(
    client: httpx.AsyncClient, owner: Owner, file: bytes
) -> None:
    answer = await send(client, owner, file)
    assert answer.status_code == 422
    assert answer.json()["code"] == "UNSUPPORTED_FORMAT"
    for name in ("json-resume", "reactive-resume", "rendercv", "linkedin-zip", "europass"):
        assert name in answer.json()["detail"]


async def test_a_format_that_it_is_not_is_refused(client: httpx.AsyncClient, owner: Owner) -> None:
    answer = await send(client, owner, RESUME, format="europass")
    assert (answer.status_code, answer.json()["code"]) == (422, "IMPORT_UNREADABLE")


async def test_a_form_says_title_and_language(client: httpx.AsyncClient, owner: Owner) -> None:
    made = (await send(client, owner, RESUME, title="Given", language="pt-BR")).json()["resume"]
    assert (made["title"], made["language"]) == ("Given", "pt-BR")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": ""}, "$.title"),
        ({"language": "not a language"}, "$.language"),
        ({"colour": "red"}, "$.colour"),
        ({"title": "two\nlines"}, "$.title"),
    ],
)
async def test_wrong_fields_of_a_form_are_refused(
    client: httpx.AsyncClient, owner: Owner, fields: dict[str, str], path: str
) -> None:
    answer = await send(client, owner, RESUME, **fields)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == path


async def test_a_form_needs_one_file(client: httpx.AsyncClient, owner: Owner) -> None:
    none = await client.post(PATH, files={"format": (None, "json-resume")}, headers=owner)
    two = await client.post(PATH, files=[("file", ("a", RESUME)), ("file", ("b", RESUME))], headers=owner)
    for answer in (none, two):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "$.file"


def part(disposition: str) -> bytes:
    return b"--b\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\nx\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"nonsense"),
        ("multipart/form-data; boundary=b", b"--b\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n--b--\r\n',
        ),
        ("multipart/form-data; boundary=" + "b" * 5000, b""),
        (
            "multipart/form-data; boundary=b",
            part('form-data; name="title"\r\nContent-Type: text/plain; charset=nope'),
        ),
        ("multipart/form-data; boundary=b", part("form-data")),
        ("multipart/form-data; boundary=b", part('attachment; name="file"')),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2000,
        ),
    ],
)
async def test_forms_that_are_none_are_refused(
    client: httpx.AsyncClient, owner: Owner, head: str, body: bytes
) -> None:
    answer = await client.post(PATH, content=body, headers=owner | {"Content-Type": head})
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


async def test_documents_can_be_texts_in_json(client: httpx.AsyncClient, owner: Owner) -> None:
    for name, format in (("rendercv.yaml", "rendercv"), ("europass-4.xml", "europass")):
        body = {"format": format, "document": document(name).decode()}
        answer = await client.post(PATH, json=body, headers=owner)
        assert answer.status_code == 201, answer.text


async def in_pieces(content: bytes) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for start in range(0, len(content), 1 << 16):
        yield content[start : start + (1 << 16)]


async def test_bodies_have_bounds_of_their_kind(client: httpx.AsyncClient, owner: Owner) -> None:
    """1 MiB of JSON, 5 MiB of a form (SECURITY 24), whether the request says its length or not."""
    large = b'{"format": "json-resume", "document": {"a": "' + b"x" * (1 << 20) + b'"}}'
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    for content, headers in ((large, {}), (head + b"x" * (5 << 20), form)):
        for body in (content, in_pieces(content)):
            answer = await client.post(PATH, content=body, headers=owner | headers)
            assert answer.status_code == 413, answer.text
            assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"
    two = json.dumps({"basics": {"name": "Ada"}, "padding": "x" * (2 << 20)}).encode()
    assert (await send(client, owner, two)).status_code == 201


async def test_more_entries_than_a_resume_holds_are_refused(client: httpx.AsyncClient, owner: Owner) -> None:
    many = "cv:\n  sections:\n    a:\n" + "      - x\n" * 5001
    answer = await client.post(PATH, json={"format": "rendercv", "document": many}, headers=owner)
    assert answer.status_code == 422
    assert "5000" in answer.json()["detail"]


async def test_a_dry_run_shows_what_would_be_made_and_makes_nothing(
    client: httpx.AsyncClient, owner: Owner, import_file: Import, read_back: Import
) -> None:
    file = document("reactive-resume-v4.json")
    preview = await send(client, owner, file, query="?dryRun=true")
    assert preview.status_code == 200, preview.text
    shown = preview.json()
    assert (await client.get("/api/v1/resumes", headers=owner)).json()["items"] == []
    made = await import_file(file)
    outcome = await read_back(made)
    assert shown["content"] == outcome["content"]
    assert shown["warnings"] == made["warnings"]
    assert shown["placed"] == made["placed"] > 100
    assert (shown["title"], shown["language"]) == (made["resume"]["title"], made["resume"]["language"])
    assert shown["pageSize"] == outcome["pageSize"]
    layout = {section["name"]: section for section in shown["layout"]["sections"]}
    for name, row in outcome["rows"].items():
        assert (layout[name]["title"], layout[name]["columns"]) == (row["title"], row["columns"])
        assert [item["visible"] for item in layout[name]["items"]] == row["items"]


async def test_the_same_form_again_imports_once_whatever_its_boundary(
    client: httpx.AsyncClient, owner: Owner
) -> None:
    headers = owner | {"Idempotency-Key": new_id().hex}
    first, again = [await send(client, headers, RESUME, title="One") for _ in range(2)]
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert len((await client.get("/api/v1/resumes", headers=owner)).json()["items"]) == 1
    for file, title in ((RESUME + b" ", "One"), (RESUME, "Two")):
        other = await send(client, headers, file, title=title)
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_others_are_answered_while_a_large_file_is_read(
    client: httpx.AsyncClient, owner: Owner
) -> None:
    file = ("cv:\n  sections:\n    a:\n" + "      - {bullet: word}\n" * 100_000).encode()
    reading = asyncio.create_task(send(client, owner, file))
    await asyncio.sleep(0.1)
    waits = []
    while not reading.done():
        waits.append((await client.get("/healthz")).elapsed.total_seconds())
    assert (await reading).status_code == 422  # for there are too many
    assert len(waits) > 5
    assert sorted(waits)[len(waits) // 2] < 0.2


async def test_forms_need_a_token_too(client: httpx.AsyncClient) -> None:
    assert (await send(client, {}, RESUME)).status_code == 401


async def test_both_bodies_are_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()["paths"][PATH]["post"]
    content = described["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}
    assert content["application/json"]["schema"]["required"] == ["document"]
    assert content["multipart/form-data"]["schema"]["properties"]["file"]["format"] == "binary"
    assert {"200", "201"} <= set(described["responses"])
    assert "dryRun" in {parameter["name"] for parameter in described["parameters"]}
