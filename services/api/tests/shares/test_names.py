"""What a document is called before others: never by the title that its owner gave it for themselves."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import select

from api.exports.models import Export
from common.contracts.versions import FrozenVersion
from common.db import Database
from common.testing.issuer import Issuer

Owner = dict[str, str]
SECRET = "Zzyzx Corp, my last hope"
LETTER = {"kind": "cover-letter"}
NAMES = [
    ({"basics": {"label": "Analyst"}}, {}, "en", "Analyst"),
    ({}, {}, "en", "Resume"),
    ({"basics": {"name": " "}}, {}, "de", "Lebenslauf"),
    ({"basics": []}, {}, "es", "Currículum"),
    ({"basics": {}}, {}, "ar", "السيرة الذاتية"),
    ({"basics": {"firstName": "Ada", "lastName": "Lovelace"}}, {}, "en", "Ada Lovelace"),
    ({"paragraphs": ["Hello."]}, LETTER, "en", "Cover letter"),
    ({"paragraphs": ["Hallo."]}, LETTER, "de-AT", "Anschreiben"),
]


@pytest.mark.parametrize(("content", "fields", "language", "name"), NAMES)
async def test_nobody_is_told_the_title_that_an_owner_gave_for_themselves(
    client: httpx.AsyncClient, issuer: Issuer, owner: Owner, make_resume: Any, make_share: Any, opened: Any,
    read_page: Any, database: Database, content: Any, fields: Any, language: str, name: str,
) -> None:  # fmt: skip
    path = await make_resume(title=SECRET, content=content, language=language, **fields)
    version = (await client.post(f"{path}/versions", json={}, headers=owner)).json()["id"]
    for link in ({"allowComments": True}, {"maxViews": 9}, {"versionId": version}, {"showContact": False}):
        share = await make_share(path, allowDownload=True, indexable=True, **link)
        page = await opened(share)
        program = await client.get(f"/api/v1/shared/{share['slug']}")
        answers = [page, program, await opened(share, "/og.png")]
        answers += [await opened(share, "/comments"), await client.head(f"/r/{share['slug']}")]
        answers += [await client.get(f"/api/v1/shared/{share['slug']}/comments")]
        address = page.text.partition(f'href="/r/{share["slug"]}/resume.pdf')[2].partition('"')[0]
        answers += [await opened(share, f"/resume.pdf{address}")]
        assert answers[-1].status_code == 202
        for answer in answers:
            assert b"Zzyzx" not in answer.content
            assert "Zzyzx" not in str(answer.headers)
        assert program.json()["title"] == name
        assert read_page(page.text).headings[0] == ("h1", name)
        assert f"<title>{name}</title>" in page.text
    async with database.read() as db:
        exports = list(
            await db.scalars(select(Export).where(Export.resume_id == UUID(path.rsplit("/", 1)[1])))
        )
    assert {export.format for export in exports} == {"pdf", "og-image"}
    assert {export.file_name.rpartition(".")[0] for export in exports} == {name}
    # What the processor is given may be read in the file: its metadata, or the name on its picture.
    headers = issuer.service_headers("api", client_id="processor")
    given = await asyncio.gather(
        *(client.get(f"/internal/versions/{export.version_id}", headers=headers) for export in exports)
    )
    for answer in given:
        assert "Zzyzx" not in answer.text
        assert msgspec.json.decode(answer.content, type=FrozenVersion).title
