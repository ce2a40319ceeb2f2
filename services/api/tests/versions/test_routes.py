import hashlib
import json
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import update

from api.contents.models import Item
from api.resumes.models import Resume
from common.contracts.versions import FrozenVersion
from common.db import Database
from common.testing.issuer import Issuer


async def test_a_version_stays_as_it_was(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(title="Before", content={"work": [1], "basics": {"name": "Ada"}})
    made = await client.post(f"{path}/versions", json={"name": "First"}, headers=owner)
    assert made.status_code == 201, made.text
    await client.put(f"{path}/content", json={"work": [2]}, headers=owner)
    await client.patch(path, json={"title": "After"}, headers=owner)
    read = (await client.get(made.headers["location"], headers=owner)).json()
    assert read["content"] == {"work": [1], "basics": {"name": "Ada"}}
    assert (read["title"], read["name"], read["number"]) == ("Before", "First", 1)


async def test_the_same_content_is_the_same_version(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(content={"work": [1], "basics": {"a": 1, "b": 2}})
    first = await client.post(f"{path}/versions", headers=owner)
    await client.put(f"{path}/content", json={"basics": {"b": 2, "a": 1}, "work": [1]}, headers=owner)
    again = await client.post(f"{path}/versions", headers=owner)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


async def test_a_version_says_what_the_resume_says_whatever_changed_it(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    """Of a resume that has not changed the version is known without a look at it; of another it must not be."""
    path = await make_resume(content={"work": [{"name": "A"}], "skills": [{"name": "B"}]})

    async def frozen() -> dict[str, Any]:
        made = (await client.post(f"{path}/versions", headers=owner)).json()
        assert (await client.post(f"{path}/versions", headers=owner)).json()["id"] == made["id"]
        content = (await client.get(f"{path}/content", headers=owner)).json()
        version = (await client.get(f"/api/v1/versions/{made['id']}", headers=owner)).json()
        assert version["content"] == content
        return dict(made)

    first = await frozen()
    work = (await client.get(f"{path}/sections", headers=owner)).json()["items"][0]["id"]
    item = (await client.get(f"{path}/sections/{work}/items", headers=owner)).json()["items"][0]
    one = f"{path}/items/{item['id']}"
    changes = [
        ("POST", f"{path}/sections/{work}/items", {"data": {"name": "C"}}),
        ("PATCH", one, {"data": {"name": "D"}}),
        ("POST", f"{one}/move", {}),
        ("PATCH", one, {"visible": False}),
        ("PATCH", f"{path}/sections/{work}", {"title": "Jobs"}),
        ("PATCH", path, {"basics": {"name": "Ada"}}),
        ("DELETE", one, None),
        ("POST", f"/api/v1/versions/{first['id']}/restore", None),
        ("PUT", f"{path}/content", {"work": [{"name": "E"}]}),
        ("DELETE", f"{path}/sections/{work}", None),
    ]
    ids = [first["id"]]
    for method, address, body in changes:
        answer = await client.request(method, address, json=body, headers=owner)
        assert answer.is_success, (address, answer.text)
        ids.append((await frozen())["id"])
    assert all(before != after for before, after in pairwise(ids))


async def test_what_a_release_before_changed_is_frozen_too(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, database: Database
) -> None:
    """It knows nothing of what is noted about versions, and raises the resume's number. (RELIABILITY 17)"""
    path = await make_resume(content={"work": [{"name": "old"}]})
    before = (await client.post(f"{path}/versions", headers=owner)).json()
    resume = UUID(path.rpartition("/")[2])
    async with database.write() as db:
        await db.execute(update(Item).where(Item.resume_id == resume).values(data='{"name":"new"}'))
        await db.execute(update(Resume).where(Resume.id == resume).values(version=Resume.version + 1))
    after = (await client.post(f"{path}/versions", headers=owner)).json()
    read = (await client.get(f"/api/v1/versions/{after['id']}", headers=owner)).json()
    assert (read["content"], after["number"]) == ({"work": [{"name": "new"}]}, before["number"] + 1)


async def test_another_title_or_language_is_another_version(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    numbers = []
    for change in ({}, {"title": "Other"}, {"language": "de"}):
        await client.patch(path, json=change, headers=owner)
        numbers.append((await client.post(f"{path}/versions", headers=owner)).json()["number"])
    assert numbers == [1, 2, 3]


async def test_the_hash_is_that_of_the_canonical_json(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    document = {"work": [{"z": "ü", "a": 1.5}], "basics": {"name": "Ada"}, "empty": []}
    path = await make_resume(content=document)
    made = (await client.post(f"{path}/versions", headers=owner)).json()
    read = (await client.get(f"/api/v1/versions/{made['id']}", headers=owner)).json()
    assert read["content"] == document
    whole = {"content": document, "layout": read["layout"]}
    canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert made["sha256"] == hashlib.sha256(canonical.encode()).hexdigest()


async def test_versions_are_listed_newest_first(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume()
    for n in range(3):
        await client.put(f"{path}/content", json={"work": [n]}, headers=owner)
        await client.post(f"{path}/versions", headers=owner)
    page = (await client.get(f"{path}/versions", params={"limit": 2}, headers=owner)).json()
    rest = await client.get(
        f"{path}/versions", params={"limit": 2, "cursor": page["nextCursor"]}, headers=owner
    )
    assert [v["number"] for v in page["items"] + rest.json()["items"]] == [3, 2, 1]
    assert "content" not in page["items"][0]


async def test_services_read_a_version_by_the_contract(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, issuer: Issuer
) -> None:
    path = await make_resume(title="Ada", language="de", content={"basics": {"name": "Ada"}})
    version = (await client.post(f"{path}/versions", headers=owner)).json()
    answer = await client.get(
        f"/internal/versions/{version['id']}", headers=issuer.service_headers("api", client_id="processor")
    )
    frozen = msgspec.json.decode(answer.content, type=FrozenVersion)
    assert (frozen.title, frozen.language, frozen.sha256) == ("Ada", "de", version["sha256"])
    assert frozen.content == {"basics": {"name": "Ada"}}
    assert frozen.kind == "resume"
    assert frozen.created_at == datetime.fromisoformat(version["createdAt"])


async def test_services_are_told_that_a_letter_is_one(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, issuer: Issuer
) -> None:
    path = await make_resume(kind="cover-letter", content={"paragraphs": ["Hello."]})
    version = (await client.post(f"{path}/versions", headers=owner)).json()
    answer = await client.get(
        f"/internal/versions/{version['id']}", headers=issuer.service_headers("api", client_id="processor")
    )
    assert msgspec.json.decode(answer.content, type=FrozenVersion).kind == "cover-letter"


async def test_services_get_numbers_that_no_double_holds_as_text(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, issuer: Issuer
) -> None:
    path = await make_resume()
    text = '{"work": [1e400, 0.1000000000000000000001, 1.5, 12345678901234567890123]}'
    await client.put(f"{path}/content", content=text, headers=owner)
    version = (await client.post(f"{path}/versions", headers=owner)).json()
    answer = await client.get(
        f"/internal/versions/{version['id']}", headers=issuer.service_headers("api", client_id="processor")
    )
    content = msgspec.json.decode(answer.content, type=FrozenVersion).content
    assert content == {"work": ["1E+400", "0.1000000000000000000001", 1.5, 12345678901234567890123]}
    own = await client.get(f"/api/v1/versions/{version['id']}", headers=owner)
    assert '"work":[1E+400,0.1000000000000000000001,1.5,12345678901234567890123]' in own.text


async def test_an_accepted_export_of_a_trashed_resume_can_still_be_rendered(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, issuer: Issuer
) -> None:
    path = await make_resume()
    version = (await client.post(f"{path}/versions", headers=owner)).json()
    await client.delete(path, headers=owner)
    internal = f"/internal/versions/{version['id']}"
    assert (
        await client.get(internal, headers=issuer.service_headers("api", client_id="processor"))
    ).status_code == 200
