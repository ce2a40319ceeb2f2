"""A resume, links to it that take comments, and those who comment through them."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

ADA: dict[str, Any] = {
    "basics": {
        "name": "Ada Lovelace",
        "label": "Analyst",
        "email": "ada@example.org",
        "summary": "Wrote the first program.",
    },
    "work": [
        {
            "name": "Analytical Engine",
            "position": "Programmer",
            "highlights": ["Bernoulli numbers", "Note G"],
        },
        {"name": "Difference Engine", "position": "Reader"},
    ],
    "skills": [{"name": "Mathematics"}],
}


class Reviewed:
    """A resume of `owner`: its parts, and what is said of it."""

    def __init__(self, client: httpx.AsyncClient, owner: dict[str, str], path: str) -> None:
        self.client, self.owner, self.path = client, owner, path
        self.id = path.rsplit("/", 1)[1]

    async def ids(self, name: str = "work") -> list[str]:
        """The ids of the items of a section."""
        section = await self.section(name)
        answer = await self.client.get(f"{self.path}/sections/{section}/items", headers=self.owner)
        return [item["id"] for item in answer.json()["items"]]

    async def section(self, name: str) -> str:
        answer = await self.client.get(f"{self.path}/sections", headers=self.owner)
        return next(str(found["id"]) for found in answer.json()["items"] if found["name"] == name)

    async def share(self, **fields: Any) -> "Link":
        body = {"allowComments": True} | fields
        answer = await self.client.post(f"{self.path}/shares", json=body, headers=self.owner)
        assert answer.status_code == 201, answer.text
        return Link(self, answer.json())

    async def note(self, text: str = "Think of this.", **fields: Any) -> dict[str, Any]:
        """A comment of the owner's own."""
        answer = await self.client.post(
            f"{self.path}/comments", json={"text": text} | fields, headers=self.owner
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def comments(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.client.get(f"{self.path}/comments", params=query, headers=self.owner)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def comment(self, comment: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/comments/{comment['id']}", headers=self.owner)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def act(self, comment: dict[str, Any], what: str, body: Any = None, **query: Any) -> httpx.Response:
        """`accept`, `reject`, `resolve` or `replies`."""
        path = f"/api/v1/comments/{comment['id']}/{what}"
        return await self.client.post(path, json=body, params=query, headers=self.owner)

    async def content(self) -> Any:
        return (await self.client.get(f"{self.path}/content", headers=self.owner)).json()

    async def put(self, content: Any) -> None:
        answer = await self.client.put(f"{self.path}/content", json=content, headers=self.owner)
        assert answer.status_code == 200, answer.text

    async def change(self, item_id: str, **fields: Any) -> None:
        path = f"{self.path}/items/{item_id}"
        answer = await self.client.patch(path, json={"fields": fields}, headers=self.owner)
        assert answer.status_code == 200, answer.text


class Link:
    """A link to the resume, as those who have it use it."""

    def __init__(self, of: Reviewed, share: dict[str, Any]) -> None:
        self.of, self.share, self.client = of, share, of.client
        self.path = f"/api/v1/shared/{share['slug']}/comments"

    async def post(self, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.post(self.path, json=body, headers=headers)

    async def say(
        self, text: str = "Good.", name: str = "Charles", headers: dict[str, str] | None = None, **fields: Any
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """A comment, and the headers by which its author is known afterwards."""
        answer = await self.post({"text": text, "name": name} | fields, headers)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        token = made["reviewerToken"]
        return made["comment"], {"X-Reviewer-Token": token} if token else dict(headers or {})

    async def list(self, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
        answer = await self.client.get(self.path, headers=headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def change(self, **fields: Any) -> None:
        answer = await self.client.patch(
            f"/api/v1/shares/{self.share['id']}", json=fields, headers=self.of.owner
        )
        assert answer.status_code == 200, answer.text

    async def revoke(self) -> None:
        answer = await self.client.delete(f"/api/v1/shares/{self.share['id']}", headers=self.of.owner)
        assert answer.is_success, answer.text


MakeReviewed = Callable[..., Awaitable[Reviewed]]


@pytest.fixture
def make_reviewed(client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any) -> MakeReviewed:
    async def make(content: Any = ADA, **fields: Any) -> Reviewed:
        return Reviewed(client, owner, await make_resume(content=content, **fields))

    return make


@pytest.fixture
async def reviewed(make_reviewed: MakeReviewed) -> Reviewed:
    return await make_reviewed()


@pytest.fixture
async def link(reviewed: Reviewed) -> Link:
    return await reviewed.share()
