from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Headers = dict[str, str]
Make = Callable[..., Awaitable[Any]]


class Editor:
    """Somebody who edits a resume part by part; what is asked for is refused unless a test says that it is."""

    def __init__(self, client: httpx.AsyncClient, headers: Headers, path: str) -> None:
        self.client, self.headers, self.path = client, headers, path

    async def call(
        self, method: str, path: str, json: Any = None, *, status: int | None = None, **headers: str
    ) -> httpx.Response:
        """The answer to a request below the resume; `status` is what is expected, else any success."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.client.request(
            method, f"{self.path}/{path}", json=json, headers=self.headers | named
        )
        assert answer.is_success if status is None else answer.status_code == status, answer.text
        return answer

    async def get(self, path: str) -> Any:
        return (await self.call("GET", path)).json()

    async def post(self, path: str, **json: Any) -> Any:
        return (await self.call("POST", path, json)).json()

    async def patch(self, path: str, **json: Any) -> Any:
        return (await self.call("PATCH", path, json)).json()

    async def refused(self, method: str, path: str, json: Any = None, *, status: int, **headers: str) -> str:
        """The code of the problem that a request gets."""
        answer = await self.call(method, path, json, status=status, **headers)
        return str(answer.json()["code"])

    async def content(self) -> Any:
        return await self.get("content")

    async def sections(self) -> dict[str, Any]:
        """The sections by their names, in order."""
        return {section["name"]: section for section in (await self.get("sections"))["items"]}

    async def items(self, name: str) -> list[Any]:
        """The items of the section `name`, in order."""
        section = (await self.sections())[name]
        return list((await self.get(f"sections/{section['id']}/items?limit=100"))["items"])


@pytest.fixture
def edit(client: httpx.AsyncClient, owner: Headers, make_resume: Make) -> Make:
    """Makes a resume that says `content`; its editor."""

    async def make(content: Any) -> Editor:
        return Editor(client, owner, await make_resume(content=content))

    return make
