"""The templates reach the api, the storage and whoever asks."""

import httpx
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcessor

from common.blobs import BlobMissing, Blobs
from common.outbox import OutboxRow
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer
from common.testing.served import served
from processor.rendering import load_builtin


async def test_every_template_is_announced_to_the_api(client: httpx.AsyncClient, api: Api) -> None:
    async def all_there() -> bool:
        return set(api.templates) >= {name for name, _ in load_builtin()}

    await eventually(all_there)
    classic = api.templates["classic"]
    assert classic.version == 1
    assert classic.engine == "typst"
    assert classic.options["accent"] == {"type": "color", "label": "Accent colour", "default": "#7a2e2e"}


async def test_every_template_is_in_the_storage_with_a_picture(
    client: httpx.AsyncClient, blobs: Blobs
) -> None:
    async def stored() -> bool:
        try:
            return (await blobs.get("resume-static", "templates/modern/1/preview.png")).startswith(b"\x89PNG")
        except BlobMissing:
            return False

    await eventually(stored)
    assert b"#import" in await blobs.get("resume-static", "templates/classic/1/main.typ")


async def test_an_api_that_is_down_costs_nothing_and_learns_of_them_later(
    processor_settings: MakeProcessorSettings, start_processor: StartProcessor, rows: Rows
) -> None:
    late = Api()
    settings = processor_settings(api_url=late.url)
    wanted = sorted(f"PUT /internal/templates/{name}" for name, _ in load_builtin())

    async def waiting(after: int = 0) -> int:
        """The newest row, once there is one a template and all come after `after`."""
        found = await rows(settings, OutboxRow)
        is_whole = sorted(row.subject for row in found) == wanted and min(row.id for row in found) > after
        return max(row.id for row in found) if is_whole else 0

    async with start_processor(settings):
        newest = await eventually(waiting)
    async with start_processor(settings):
        await eventually(lambda: waiting(newest))  # it replaces what the first could not send
        async with served(late.app(), port=late.port):

            async def all_there() -> bool:
                return len(late.templates) == len(load_builtin())

            await eventually(all_there)


async def test_services_alone_may_list_them(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/internal/templates", headers=issuer.service_headers("processor"))
    assert {item["id"] for item in answer.json()["items"]} == {name for name, _ in load_builtin()}
    assert (await client.get("/internal/templates", headers=issuer.headers("processor"))).status_code == 403
    assert (await client.get("/internal/templates")).status_code == 401
