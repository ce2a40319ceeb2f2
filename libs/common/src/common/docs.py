"""OpenAPI, and a page that shows it: rendered here, without JavaScript and without anything from other hosts."""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from common.problems import Body
from common.ui import pages
from common.ui.assets import style_sheet

VERSION = "1.0.0"


def config(service: str, prefix: str, description: str) -> OpenAPIConfig:
    """The OpenAPI 3.1 description of a service, with its bearer scheme."""
    return OpenAPIConfig(
        title=f"resuMAX {service}",
        version=VERSION,
        description=description,
        path=f"{prefix}/schema",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="JWT",
                    description="An access token of the SSO, or an API key with the scope that the route needs: "
                    "`Authorization: Bearer …`. Keys (`rmx_…`) are made at `POST /auth/api-keys`.",
                )
            }
        ),
    )


def routes(prefix: str) -> list[HTTPRouteHandler]:
    """`{prefix}/openapi.json`, `{prefix}/docs` and its style sheet; also without the version of the prefix."""
    prefixes = list(dict.fromkeys([prefix, prefix.removesuffix("/v1")]))
    style = style_sheet(prefix)

    @get([f"{p}/openapi.json" for p in prefixes], include_in_schema=False, sync_to_thread=False)
    def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(_schema(request), media_type="application/vnd.oai.openapi+json")

    @get([f"{p}/docs" for p in prefixes], include_in_schema=False, sync_to_thread=False)
    def docs(request: Request[Any, Any, Any]) -> Response[str]:
        schema = msgspec.json.decode(_schema(request))
        page = pages.render("docs.html", api=schema, groups=_by_tag(schema), style=style.address)
        return Response(page, media_type=MediaType.HTML)

    return [openapi, docs, style.route()]


def _schema(request: Request[Any, Any, Any]) -> bytes:
    """The document as JSON; made once, at the first request."""
    state = request.app.state
    if "openapi_json" not in state:
        described = _without_inventions(request.app.openapi_schema.to_schema())
        schema = _with_examples(_with_problems(described))
        state.openapi_json = msgspec.json.encode(schema)
    found: bytes = state.openapi_json
    return found


def _without_inventions(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` without the examples that Litestar makes up, of random words and anew at each start, for what a
    `ResponseSpec` describes. Ours are on fields."""
    for described in schema["components"].get("schemas", {}).values():
        described.pop("examples", None)
    return schema


_PROBLEM: dict[str, Any] = {
    "description": "What went wrong (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with our problem document as the answer of every operation that fails; one that says itself what it
    answers then (`default`) says so beside it."""
    _, components = msgspec.json.schema_components([Body], ref_template="#/components/schemas/{name}")
    problem = components.pop("Body")
    schema["components"].setdefault("schemas", {}).update({"Problem": problem, **components})
    for operation in _operations(schema):
        fine = {status: found for status, found in operation["responses"].items() if status < "400"}
        fine.get("204", {}).pop("content", None)  # which has no body, whatever the handler's annotation is
        own = operation["responses"].get("default", {}).get("content", {})
        operation["responses"] = {**fine, "default": {**_PROBLEM, "content": {**_PROBLEM["content"], **own}}}
    return schema


def _with_examples(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with an example of every request body, put together from the examples of its fields."""
    for operation in _operations(schema):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if content["schema"].get("format") != "binary":
                content["example"] = _example(
                    content["schema"], schema["components"]["schemas"], is_needed=True
                )
    return schema


def _example(schema: dict[str, Any], components: dict[str, Any], *, is_needed: bool = False) -> Any:
    """The first example of `schema`, or else of each of its fields that has one or has to be there. None if there is
    none; some value of the type if one `is_needed`."""
    if "$ref" in schema:
        return _example(components[schema["$ref"].rpartition("/")[2]], components, is_needed=is_needed)
    if schema.get("examples"):
        return schema["examples"][0]
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return _example(schema[union][0], components, is_needed=is_needed)
    if "properties" in schema:
        required = schema.get("required", ())
        fields = {
            name: _example(field, components, is_needed=name in required)
            for name, field in schema["properties"].items()
        }
        found = {name: example for name, example in fields.items() if example is not None}
        return found if found or is_needed else None
    return _any_value(schema) if is_needed else None


def _any_value(schema: dict[str, Any]) -> Any:
    """A value of a schema that is neither an object with fields nor has examples."""
    if "const" in schema or schema.get("enum"):
        return schema.get("const", (schema.get("enum") or [None])[0])
    kind = schema.get("type", "object")
    first = kind[0] if isinstance(kind, list) else kind
    if first == "string":
        uuid = "01890a5d-ac96-774b-bcce-b302099a8057"
        return uuid if schema.get("format") == "uuid" else "x" * max(schema.get("minLength", 1), 1)
    return {"boolean": True, "integer": schema.get("minimum", 1), "number": 1.0, "array": []}.get(first, {})


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema.get("paths", {}).values():
        yield from (found for found in path.values() if isinstance(found, dict) and "responses" in found)


def _by_tag(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The operations by their first tag, in the order of their paths, each with what a reader needs."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in sorted(schema.get("paths", {}).items()):
        for method, operation in operations.items():
            if isinstance(operation, dict):
                tag = (operation.get("tags") or ["General"])[0]
                groups.setdefault(tag, []).append({"method": method.upper(), "path": path, **operation})
    return dict(sorted(groups.items()))
