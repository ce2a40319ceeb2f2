from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.archives import service
from api.contents import codec
from api.contents.json_resume import Warning
from common.db import Database

Owner = dict[str, str]
Restore = Callable[..., Awaitable[tuple[str, list[Warning]]]]
Take = Callable[..., Awaitable[str]]
CONTENT = {
    "basics": {"name": "Ada"},
    "work": [{"position": "Programmer", "name": "Engine"}, {"name": "Other"}, {"name": "Other"}],
    "meta": {"b": 1, "a": [1]},
    "skills": ["x"],
}


@pytest.fixture
def restore(database: Database, owner_id: UUID) -> Restore:
    """Makes a resume of `owner` from the text of an archive: its path and the warnings."""

    async def restored(text: str | bytes, title: str | None = None) -> tuple[str, list[Warning]]:
        async with database.write() as db:
            resume, warnings = await service.restore(
                db, owner_id=owner_id, document=codec.decode(text), title=title
            )
        return f"/api/v1/resumes/{resume.id}", warnings

    return restored


@pytest.fixture
def take(client: httpx.AsyncClient, owner: Owner) -> Take:
    """Takes the resume at a path away: the text of its archive."""

    async def taken(path: str, versions: str = "all") -> str:
        answer = await client.get(f"{path}/archive", params={"versions": versions}, headers=owner)
        assert answer.status_code == 200, answer.text
        return answer.text

    return taken


@pytest.fixture
async def made(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> str:
    """A resume with a named version and one without a name."""
    path = str(await make_resume(title="Ada ❤", language="de", content=CONTENT, tags=["a", "B"]))
    await client.post(f"{path}/versions", json={"name": "As sent"}, headers=owner)
    await client.put(f"{path}/content", json=CONTENT | {"skills": ["x", "y"]}, headers=owner)
    await client.post(f"{path}/versions", headers=owner)
    change = {"direction": "rtl", "settings": {"accent": "#123456", "scale": 1.5}, "pageSize": "a4"}
    assert (await client.patch(path, json=change, headers=owner)).is_success
    return path
