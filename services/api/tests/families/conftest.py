from typing import Any

import httpx
import pytest

CONTENT = {
    "basics": {"name": "Ada", "label": "Analyst"},
    "work": [{"name": "Analytical Engines"}, {"name": "Difference Engines"}],
    "skills": [{"name": "Bernoulli numbers"}],
}


class Families:
    """Resumes and their language variants, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, owner: dict[str, str]) -> None:
        self._client, self.owner = client, owner

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._client.request(method, path, json=body, headers=self.owner | named)

    async def made(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.call(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def resume(self, content: Any = CONTENT, **fields: Any) -> str:
        """The path of a new resume."""
        body = {"title": "Ada", "language": "en", "content": content} | fields
        return f"/api/v1/resumes/{(await self.made('POST', '/api/v1/resumes', body))['id']}"

    async def variant(self, path: str, language: str, **fields: Any) -> str:
        """The path of a new variant of a resume."""
        made = await self.made("POST", f"{path}/variants", {"language": language, **fields})
        return f"/api/v1/resumes/{made['id']}"

    async def content(self, path: str) -> Any:
        return await self.made("GET", f"{path}/content")

    async def put(self, path: str, **members: Any) -> None:
        """Replace members of a resume's document."""
        await self.made("PUT", f"{path}/content", await self.content(path) | members)

    async def family(self, path: str) -> Any:
        return await self.made("GET", f"{path}/family")

    async def states(self, path: str) -> dict[str, list[str]]:
        """Of the resume at `path`: the states of its items in the family, by their section; and of its basics."""
        family, own = await self.family(path), path.rsplit("/", 1)[1]

        def of(row: Any) -> list[str]:
            return [cell["state"] for cell in row["cells"] if cell["resumeId"] == own]

        found = {"basics": of(family["basics"])}
        for section in family["sections"]:
            label = section["cells"][0]["label"]
            found[label] = found.get(label, []) + [state for row in section["items"] for state in of(row)]
        return found

    async def summary(self, path: str) -> Any:
        """What the family says of the resume at `path`."""
        family, own = await self.family(path), path.rsplit("/", 1)[1]
        return next(variant for variant in family["variants"] if variant["id"] == own)


@pytest.fixture
def families(client: httpx.AsyncClient, owner: dict[str, str]) -> Families:
    return Families(client, owner)
