import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.ids import new_id

PATH = "/api/v1/imports"
DOCUMENTS = Path(__file__).parents[1] / "documents"


async def import_(client: httpx.AsyncClient, owner: dict[str, str], document: Any, **fields: Any) -> Any:
    body = {"format": "json-resume", "document": document} | fields
    answer = await client.post(PATH, json=body, headers=owner)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_document_becomes_a_resume_without_loss_or_warning(
    client: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    document = json.loads((DOCUMENTS / "full.json").read_text())
    made = await import_(client, owner, document)
    assert made["warnings"] == []
    assert made["resume"]["title"] == document["basics"]["name"]
    content = await client.get(f"/api/v1/resumes/{made['resume']['id']}/content", headers=owner)
    assert content.json() == document


@pytest.mark.parametrize(
    ("document", "fields", "title"),
    [
        ({"basics": {"name": "Ada"}}, {"title": "Given"}, "Given"),
        ({"basics": {"name": "Ada", "label": "Programmer"}}, {}, "Ada"),
        ({"basics": {"name": " ", "label": "Programmer"}}, {}, "Programmer"),
        ({"basics": {"name": "Two\nlines\u0000"}}, {}, "Two lines"),
        ({"basics": {"name": 7}}, {}, "Untitled resume"),
        ({"basics": []}, {}, "Untitled resume"),
        ({"basics": {"name": "x" * 500}}, {}, "x" * 200),
        ({}, {}, "Untitled resume"),
    ],
)
async def test_the_title_is_the_name_in_the_document(
    client: httpx.AsyncClient, owner: dict[str, str], document: Any, fields: Any, title: str
) -> None:
    assert (await import_(client, owner, document, **fields))["resume"]["title"] == title


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"basics": "x"}, "$.basics"),
        ({"basics": {"email": "nobody"}}, "$.basics.email"),
        ({"basics": {"url": "not an address"}}, "$.basics.url"),
        ({"basics": {"location": {"city": 1}}}, "$.basics.location.city"),
        ({"basics": {"profiles": {}}}, "$.basics.profiles"),
        ({"work": None}, "$.work"),
        ({"work": [1]}, "$.work[0]"),
        ({"work": [{}, {"startDate": "yesterday"}]}, "$.work[1].startDate"),
        ({"work": [{"highlights": [True]}]}, "$.work[0].highlights[0]"),
        ({"skills": [{"keywords": "python"}]}, "$.skills[0].keywords"),
        ({"certificates": [{"date": "2020-13-99x"}]}, "$.certificates[0].date"),
        ({"meta": []}, "$.meta"),
        ({"$schema": 1}, "$.$schema"),
    ],
)
async def test_what_is_not_as_the_schema_says_is_named_and_kept(
    client: httpx.AsyncClient, owner: dict[str, str], document: Any, path: str
) -> None:
    made = await import_(client, owner, document)
    assert [warning["path"] for warning in made["warnings"]] == [path]
    content = await client.get(f"/api/v1/resumes/{made['resume']['id']}/content", headers=owner)
    assert content.json() == document


async def test_warnings_end_at_a_hundred(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    made = await import_(client, owner, {"work": [None] * 1000})
    assert len(made["warnings"]) == 100


async def test_an_unknown_format_is_refused(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    answer = await client.post(PATH, json={"format": "word", "document": {}}, headers=owner)
    assert answer.status_code == 422
    assert answer.json()["code"] == "UNSUPPORTED_FORMAT"
    assert "json-resume" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b'{"format": "json-resume", "document": []}', b'{"format": "json-resume"}', b"{", b""]
)
async def test_what_is_no_document_is_refused(
    client: httpx.AsyncClient, owner: dict[str, str], body: bytes
) -> None:
    answer = await client.post(PATH, content=body, headers=owner)
    assert answer.status_code == 400
    assert answer.json()["errors"]


async def test_the_same_key_imports_once(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    headers = owner | {"Idempotency-Key": new_id().hex}
    body = {"format": "json-resume", "document": {"work": [None]}}
    first, again = [await client.post(PATH, json=body, headers=headers) for _ in range(2)]
    assert first.content == again.content
    assert again.headers["location"] == first.headers["location"]
    assert len((await client.get("/api/v1/resumes", headers=owner)).json()["items"]) == 1
