"""What the processor does to the catalogue, for the tests of several features."""

from typing import Any

import httpx

from common.testing.issuer import Issuer

OPTIONS: dict[str, dict[str, Any]] = {
    "accent": {"type": "color", "label": "Accent colour", "default": "#000000"},
    "page": {"type": "enum", "label": "Page size", "default": "a4", "values": ["a4", "us-letter"]},
    "size": {"type": "number", "label": "Text size", "default": 10.5, "min": 8, "max": 13},
    "icons": {"type": "boolean", "label": "Icons", "default": True},
    "order": {"type": "strings", "label": "Order of sections", "default": [], "max": 2},
}


async def publish(client: httpx.AsyncClient, issuer: Issuer, name: str, version: int, **fields: Any) -> None:
    body = {
        "version": version,
        "engine": "typst",
        "name": name.title(),
        "description": "Calm",
        "pageSizes": ["a4"],
        "options": OPTIONS,
    } | fields
    answer = await client.put(
        f"/internal/templates/{name}", json=body, headers=issuer.service_headers("api", client_id="processor")
    )
    assert answer.status_code == 204, answer.text
