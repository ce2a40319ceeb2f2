"""The operations of an OpenAPI document, and requests that they accept, so that a test can call each of them."""

import re
from typing import Any

import httpx
import msgspec

_PARAMETER = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A method and a path; `parameters` are the names in the path, `body` is JSON that the schema allows."""

    method: str
    path: str
    parameters: tuple[str, ...]
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
        _operation(method.upper(), path, described, document)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def _operation(method: str, path: str, described: dict[str, Any], document: dict[str, Any]) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    body = form = None
    if "application/json" in content:
        body = _sample(content["application/json"], document)
    elif content:
        form = {"name": "value"}
    return Operation(
        method=method,
        path=path,
        parameters=tuple(_PARAMETER.findall(path)),
        body=body,
        form=form,
        is_guarded=bool(described.get("security")),
    )


def _sample(content: dict[str, Any], document: dict[str, Any]) -> Any:
    """The example of a body, completed by what its schema requires."""
    given = [example["value"] for example in content.get("examples", {}).values() if "value" in example]
    example = given[0] if given else content.get("example")
    least = _minimal(content["schema"], document)
    if isinstance(least, dict) and isinstance(example, dict):
        return least | example
    return example or least


def _minimal(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """The least value that `schema` allows, by its examples where it has some."""
    if "$ref" in schema:
        return _minimal(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return _minimal(schema[union][0], document)
    return _of_type(schema, document)


def _of_type(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        known = schema.get("properties", {})
        return {name: _minimal(known[name], document) for name in schema.get("required", ())}
    if kind == "array":
        return [_minimal(schema["items"], document)] * schema.get("minItems", 0)
    if kind == "string":
        uuid = "01890a5d-ac96-774b-bcce-b302099a8057"
        return uuid if schema.get("format") == "uuid" else "x" * max(schema.get("minLength", 1), 1)
    return {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": True}.get(kind)


def _with_ids(value: Any, ids: dict[str, str]) -> Any:
    """`value` with the ids of `ids` where its members are named like them (`resumeId` for `resume_id`)."""
    if isinstance(value, dict):
        named = {_camel(name): made for name, made in ids.items()}
        return {name: named.get(name, _with_ids(inner, ids)) for name, inner in value.items()}
    return [_with_ids(inner, ids) for inner in value] if isinstance(value, list) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
