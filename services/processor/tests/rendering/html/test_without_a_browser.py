"""A service without a browser says which templates it cannot render, and renders all others."""

from typing import Any

from processor_standins.api import CONTENT
from processor_standins.kinds import MakeProcessorSettings, StartProcessor

from common.testing.issuer import Issuer


async def test_only_html_templates_are_away_and_say_why(
    start_processor: StartProcessor, processor_settings: MakeProcessorSettings, issuer: Issuer
) -> None:
    headers, services = issuer.headers("processor"), issuer.service_headers("processor")
    async with start_processor(processor_settings(chromium="/no/such/browser")) as client:
        listed = (await client.get("/internal/templates", headers=services)).json()["items"]
        away = {item["id"] for item in listed if not item["template"]["available"]}
        assert away == {"banner", "portfolio", "timeline"}
        assert {item["template"]["engine"] for item in listed if item["id"] in away} == {"html"}

        async def preview(template: str) -> Any:
            body = {"content": CONTENT, "template": template, "format": "pdf"}
            return await client.post("/render/v1/previews", json=body, headers=headers)

        refused = await preview("banner")
        assert refused.status_code == 503
        assert refused.json()["detail"] == "This template needs a browser, and none is installed here."
        assert (await preview("classic")).status_code == 200
