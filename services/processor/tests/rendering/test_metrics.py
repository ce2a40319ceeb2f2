"""What operators see of rendering."""

import re
from typing import Any

import httpx
import msgspec
import pytest
from processor_standins.api import CONTENT
from processor_standins.engine import Engine
from prometheus_client import REGISTRY

from common.testing.issuer import Issuer
from processor.rendering import RenderFailed, Template


def shown(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_was_rendered_is_counted_by_engine_and_format(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    body: dict[str, Any] = {"content": CONTENT, "format": "pdf"}
    counted = re.compile(r'^render_seconds_count\{engine="typst",format="pdf"\} (\S+)$', re.MULTILINE)

    async def count() -> float:
        found = counted.search((await client.get("/metrics")).text)
        return float(found[1]) if found else 0.0

    before = await count()
    await client.post("/render/v1/previews", json=body, headers=issuer.headers("processor"))
    assert await count() == before + 1


async def test_what_could_not_be_rendered_is_counted_with_its_reason(
    engine: Engine, classic: Template
) -> None:
    broken = msgspec.structs.replace(classic, folder=classic.folder / "not there")
    labels = {"engine": "typst", "reason": "RenderFailed"}
    before = shown("render_failed_total", **labels)
    with pytest.raises(RenderFailed):
        await engine.made(broken, CONTENT, {})
    assert shown("render_failed_total", **labels) == before + 1
