"""The templates reach the api, the storage and whoever asks."""

from typing import Any

import httpx
import msgspec
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcessor

from common.blobs import Blobs
from common.outbox import OutboxRow
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer
from common.testing.served import served
from processor.catalogue.publishing import store_previews
from processor.rendering import Template, load_builtin


async def test_every_template_is_announced_to_the_api(client: httpx.AsyncClient, api: Api) -> None:
    async def all_there() -> bool:
        return set(api.templates) >= {name for name, _ in load_builtin()}

    await eventually(all_there)
    classic = api.templates["classic"]
    assert classic.version == max(version for name, version in load_builtin() if name == "classic")
    assert classic.engine == "typst"
    assert classic.options["accent"] == {"type": "color", "label": "Accent colour", "default": "#7a2e2e"}


async def test_every_template_is_in_the_storage_with_pictures_that_the_api_is_told_of(
    client: httpx.AsyncClient, blobs: Blobs, api: Api
) -> None:
    async def told() -> bool:
        return all(name in api.templates and api.templates[name].previews for name, _ in load_builtin())

    await eventually(told, within=60)
    for (name, version), template in load_builtin().items():
        if version == api.templates[name].version:
            keys = api.templates[name].previews
            assert keys == [f"templates/{name}/{version}/page-{page}.png" for page in range(1, len(keys) + 1)]
            for key in keys:
                assert (await blobs.get("resume-static", key)).startswith(b"\x89PNG")
        for file in template.files.values():
            stored = await blobs.get("resume-static", f"templates/{name}/{version}/{file}")
            assert stored == (template.folder / file).read_bytes()


async def test_pictures_that_are_whole_are_not_made_again(client: httpx.AsyncClient, blobs: Blobs) -> None:
    class Pages:
        """An engine that makes two pages, once."""

        made = 0

        def can_render(self, _template: Template) -> bool:
            return True

        async def previews(self, _template: Template) -> list[bytes]:
            self.made += 1
            return [b"one", b"two"]

    template = msgspec.structs.replace(load_builtin()["classic", 1], id="made-up")
    engine: Any = Pages()
    keys = ["templates/made-up/1/page-1.png", "templates/made-up/1/page-2.png"]
    await blobs.ensure_bucket("resume-static")
    await blobs.put("resume-static", keys[1], b"of a start that was killed", content_type="image/png")
    for _ in range(2):
        assert await store_previews(blobs, engine, template) == keys
    assert engine.made == 1
    assert [await blobs.get("resume-static", key) for key in keys] == [b"one", b"two"]


async def test_while_the_storage_is_away_the_api_learns_of_the_templates_all_the_same(
    processor_settings: MakeProcessorSettings, start_processor: StartProcessor
) -> None:
    early = Api()
    settings = processor_settings(api_url=early.url, s3_endpoint="http://127.0.0.1:9")
    async with served(early.app(), port=early.port), start_processor(settings):

        async def all_there() -> bool:
            return set(early.templates) == {name for name, _ in load_builtin()}

        await eventually(all_there)
        assert not any(template.previews for template in early.templates.values())


async def test_an_api_that_is_down_costs_nothing_and_learns_of_them_later(
    processor_settings: MakeProcessorSettings, start_processor: StartProcessor, rows: Rows
) -> None:
    late = Api()
    settings = processor_settings(api_url=late.url)

    async def waiting(after: int = 0) -> int:
        """The newest row, once it is the only one and comes after `after`."""
        found = [row for row in await rows(settings, OutboxRow) if row.subject == "PUT /internal/templates"]
        return int(found[0].id) if len(found) == 1 and found[0].id > after else 0

    async with start_processor(settings):
        newest = await eventually(waiting)
    async with start_processor(settings):
        await eventually(lambda: waiting(newest))  # it replaces what the first could not send
        async with served(late.app(), port=late.port):

            async def all_there() -> bool:
                return set(late.templates) == {name for name, _ in load_builtin()}

            await eventually(all_there)


async def test_services_alone_may_list_them(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/internal/templates", headers=issuer.service_headers("processor"))
    assert {item["id"] for item in answer.json()["items"]} == {name for name, _ in load_builtin()}
    assert (await client.get("/internal/templates", headers=issuer.headers("processor"))).status_code == 403
    assert (await client.get("/internal/templates")).status_code == 401
