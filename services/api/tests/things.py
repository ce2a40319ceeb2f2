"""One of each thing that has an id, for the tests that call every route: how it is made, by the name of its id."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

Headers = dict[str, str]
Maker = Callable[[httpx.AsyncClient, Headers, dict[str, str]], Awaitable[str]]
"""Makes a thing of whoever the headers are of, given the ids made so far; its id."""

CONTENT = {"basics": {"name": "Ada"}, "work": [{"name": "Analytical Engine"}, {"name": "Difference Engine"}]}


async def _posted(client: httpx.AsyncClient, path: str, body: Any, headers: Headers) -> dict[str, Any]:
    answer = await client.post(path, json=body, headers=headers)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def _resume(client: httpx.AsyncClient, headers: Headers, _made: dict[str, str]) -> str:
    made = await _posted(client, "/api/v1/resumes", {"title": "Ada", "content": CONTENT}, headers)
    return str(made["id"])


async def _first(client: httpx.AsyncClient, headers: Headers, path: str) -> str:
    answer = await client.get(path, headers=headers)
    assert answer.is_success, answer.text
    return str(answer.json()["items"][0]["id"])


async def _section(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    return await _first(client, headers, f"/api/v1/resumes/{made['resume_id']}/sections")


async def _item(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    path = f"/api/v1/resumes/{made['resume_id']}/sections/{made['section_id']}/items"
    return await _first(client, headers, path)


async def _version(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    path = f"/api/v1/resumes/{made['resume_id']}/versions"
    return str((await _posted(client, path, {"name": "As sent"}, headers))["id"])


async def _export(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    body = {"resumeId": made["resume_id"], "format": "pdf"}
    export = await _posted(client, "/api/v1/exports", body, headers)
    made["job_id"] = export["jobId"]
    return str(export["exportId"])


async def _template(_client: httpx.AsyncClient, _headers: Headers, _made: dict[str, str]) -> str:
    return "classic"


async def _asset(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    file = {"kind": "image", "filename": "ada.png", "contentType": "image/png", "size": 100}
    body = file | {"resumeId": made["resume_id"]}
    return str((await _posted(client, "/api/v1/assets/presign", body, headers))["id"])


async def _page(_client: httpx.AsyncClient, _headers: Headers, _made: dict[str, str]) -> str:
    return "1"


async def _library_item(client: httpx.AsyncClient, headers: Headers, _made: dict[str, str]) -> str:
    body = {"kind": "work", "data": {"name": "Analytical Engine"}}
    return str((await _posted(client, "/api/v1/library/items", body, headers))["id"])


async def _share(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    path = f"/api/v1/resumes/{made['resume_id']}/shares"
    share = await _posted(client, path, {"allowComments": True}, headers)
    made["slug"] = share["slug"]
    return str(share["id"])


async def _comment(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    path = f"/api/v1/resumes/{made['resume_id']}/comments"
    anchor = {"target": "item", "itemId": made["item_id"]}
    body = {"text": "Say more.", "anchor": anchor, "suggestion": {"fields": {"position": "Programmer"}}}
    return str((await _posted(client, path, body, headers))["id"])


async def _webhook(client: httpx.AsyncClient, headers: Headers, made: dict[str, str]) -> str:
    known = (await client.get("/api/v1/webhooks", headers=headers)).json()["items"]
    for each in known[5:]:  # nobody may have many, and some tests make everything again and again
        await client.delete(f"/api/v1/webhooks/{each['id']}", headers=headers)
    webhook = await _posted(client, "/api/v1/webhooks", {"url": "https://hooks.example.org/"}, headers)
    test = await _posted(client, f"/api/v1/webhooks/{webhook['id']}/test", None, headers)
    made["delivery_id"] = str(test["id"])
    return str(webhook["id"])


MAKERS: dict[str, Maker] = {
    "resume_id": _resume,
    "section_id": _section,
    "item_id": _item,
    "version_id": _version,
    "export_id": _export,
    "template_id": _template,
    "library_item_id": _library_item,
    "comment_id": _comment,
    "page": _page,
    "asset_id": _asset,
    "share_id": _share,
    "webhook_id": _webhook,
}
"""In the order in which they are made; what has no maker (`job_id`, `slug`, `delivery_id`) is made along with another."""

PUBLIC = {"template_id", "page", "slug"}
"""Ids of things that belong to nobody, or are for everybody who knows them."""


async def make_all(client: httpx.AsyncClient, headers: Headers) -> dict[str, str]:
    made: dict[str, str] = {}
    for name, make in MAKERS.items():
        made[name] = await make(client, headers, made)
    return made
