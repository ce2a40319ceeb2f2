"""The operations of an OpenAPI document, and requests that they accept, so that a test can call each of them."""

import re
from typing import Any

import httpx
import msgspec

_PARAMETER = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A method and a path; `parameters` are the names in the path, `queries` those in the query, `body` is the example
    of the description."""

    method: str
    path: str
    parameters: tuple[str, ...]
    queries: tuple[str, ...] = ()
    body: Any
    form: dict[str, str] | None
    is_guarded: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    async def call(
        self, client: httpx.AsyncClient, ids: dict[str, str], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The answer for the things in `ids`, which maps the names in the path, and in bodies, to ids."""
        path = _PARAMETER.sub(lambda found: ids[found[1]], self.path)
        body = None if self.body is None else _with_ids(self.body, ids)
        return await client.request(self.method, path, json=body, data=self.form, headers=headers)


def operations(document: dict[str, Any]) -> list[Operation]:
    """All operations of an OpenAPI 3.1 `document`."""
    return [
        _operation(method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def _operation(method: str, path: str, described: dict[str, Any]) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    body = form = None
    if "application/json" in content:
        body = content["application/json"]["example"]
    elif content:
        form = {"name": "value"}
    return Operation(
        method=method,
        path=path,
        parameters=tuple(_PARAMETER.findall(path)),
        queries=tuple(each["name"] for each in described.get("parameters", []) if each["in"] == "query"),
        body=body,
        form=form,
        is_guarded=bool(described.get("security")),
    )


def _with_ids(value: Any, ids: dict[str, str]) -> Any:
    """`value` with the ids of `ids` where its members are named like them (`resumeId` for `resume_id`)."""
    if isinstance(value, dict):
        named = {_camel(name): made for name, made in ids.items()}
        return {name: named.get(name, _with_ids(inner, ids)) for name, inner in value.items()}
    return [_with_ids(inner, ids) for inner in value] if isinstance(value, list) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
