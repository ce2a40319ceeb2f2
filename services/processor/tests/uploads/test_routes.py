"""Templates that people upload: who may, what is checked, who gets them."""

import tempfile
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from nats.aio.msg import Msg
from processor_standins.api import Api
from processor_standins.archives import MANIFEST, zipped
from processor_standins.kinds import MakeProcessorSettings, StartProcessor
from processor_standins.platform import Platform

from common.auth import MULTI_FACTOR, SINGLE_FACTOR
from common.blobs import Blobs
from common.contracts.templates import TemplateEvent, TemplatePut, template_event_subject
from common.ids import new_id, now
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer

PATH = "/render/v1/template-uploads"
SOURCE = """
#let data = json(bytes(sys.inputs.outline))
#let options = json(bytes(sys.inputs.options))
#set document(title: data.title, author: if data.name != "" { data.name } else { () }, date: none)
#set page(paper: options.page)
#set text(lang: data.language, font: ("Noto Sans", "Amiri", "Noto Sans Arabic"), fill: rgb(options.accent))
= #data.name
"""
"""As simple as a template can be."""
STATES = {"published", "refused"}


def archive(name: str, source: str = SOURCE, *, version: int = 1) -> bytes:
    manifest = MANIFEST.replace('"mine"', f'"{name}"').replace("version = 1", f"version = {version}")
    return zipped({"template.toml": manifest, "resume.typ": source})


class Person:
    """Somebody who uploads templates."""

    def __init__(
        self, client: httpx.AsyncClient, issuer: Issuer, *, user_id: UUID | None = None, **claims: Any
    ) -> None:
        self.id = user_id or new_id()
        self._client, self.headers = client, issuer.headers("processor", user_id=self.id, **claims)

    async def upload(self, data: bytes) -> httpx.Response:
        headers = self.headers | {"Content-Type": "application/zip"}
        return await self._client.post(PATH, content=data, headers=headers)

    async def checked(self, data: bytes) -> dict[str, Any]:
        """What became of an upload."""
        answer = await self.upload(data)
        assert answer.status_code == 202, answer.text

        async def outcome() -> dict[str, Any] | None:
            read: dict[str, Any] = (await self.get(answer.headers["location"])).json()
            return read if read["state"] in STATES else None

        found: dict[str, Any] = await eventually(outcome, within=60)
        return found

    async def get(self, path: str) -> httpx.Response:
        return await self._client.get(path, headers=self.headers)

    async def delete(self, path: str) -> httpx.Response:
        return await self._client.delete(path, headers=self.headers)


async def told(api: Api, template_id: str) -> TemplatePut:
    """What the api is told of a template."""

    async def known() -> TemplatePut | None:
        return api.templates.get(template_id)

    found: TemplatePut = await eventually(known)
    return found


@pytest.fixture
def user(client: httpx.AsyncClient, issuer: Issuer) -> Person:
    return Person(client, issuer)


@pytest.fixture
def staff(client: httpx.AsyncClient, issuer: Issuer) -> Person:
    claims = {"roles": ["superadmin"], "acr": MULTI_FACTOR, "auth_time": int(now().timestamp())}
    return Person(client, issuer, **claims)


async def test_what_staff_upload_is_checked_and_published_to_everybody(staff: Person, api: Api) -> None:
    made = await staff.checked(archive("house-style"))
    assert made["state"] == "published", made
    assert {sample["sample"] for sample in made["report"]["samples"]} == {"short", "long", "arabic"}
    assert all(sample["pages"] == 1 for sample in made["report"]["samples"])
    published = await told(api, "house-style")
    assert (published.owner_id, published.name, len(published.previews)) == (None, "Mine", 1)


async def test_what_staff_do_with_templates_is_told_to_the_platform(
    staff: Person, user: Person, platform: Platform
) -> None:
    # SECURITY 27: every staff action is recorded
    told: dict[str, TemplateEvent] = {}

    async def hear(message: Msg) -> None:
        told[message.subject] = msgspec.json.decode(message.data, type=TemplateEvent)

    listening = await platform.bus.listen("events.processor.template.>", hear)
    private = await user.checked(archive("quiet"))
    made = await staff.checked(archive("loud"))
    for upload in (private, made):
        assert (await staff.delete(f"{PATH}/{upload['id']}")).status_code == 204

        async def heard(template: str = upload["templateId"]) -> bool:
            event = told.get(template_event_subject("retired"))
            return event is not None and (event.template_id, event.actor_id) == (template, staff.id)

        await eventually(heard)
    await listening.unsubscribe()
    published = told[template_event_subject("published")]
    assert (published.template_id, published.version, published.owner_id) == ("loud", 1, None)
    assert (published.actor_id, published.sha256) == (staff.id, made["sha256"])


async def test_a_role_of_staff_that_does_not_publish_gives_no_more_than_users_have(
    user: Person, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    claims = {"roles": ["support", "auditor"], "acr": MULTI_FACTOR, "auth_time": int(now().timestamp())}
    support = Person(client, issuer, **claims)
    theirs = await user.checked(archive("theirs"))
    for answer in (
        await support.get(f"{PATH}/{theirs['id']}"),
        await support.delete(f"{PATH}/{theirs['id']}"),
    ):
        assert answer.status_code == 404
    assert (await support.get(PATH)).json()["items"] == []
    assert (await support.upload(archive("of-support"))).json()["isPrivate"]


async def test_who_publishes_no_more_has_no_say_in_what_they_published(
    client: httpx.AsyncClient, staff: Person, issuer: Issuer, api: Api
) -> None:
    """The role was taken away: neither a second factor nor the record of staff actions is got round (SECURITY 27)."""
    made = await staff.checked(archive("once-ours"))
    former = Person(client, issuer, user_id=staff.id, roles=["support"])
    path = f"{PATH}/{made['id']}"
    for answer in (await former.get(path), await former.delete(path)):
        assert answer.status_code == 404
    assert (await former.get(PATH)).json()["items"] == []
    assert (await staff.get(path)).json()["state"] == "published"
    assert ("once-ours", 1) not in api.retired
    private = await former.checked(archive("still-mine"))
    assert private["isPrivate"]
    assert (await former.delete(f"{PATH}/{private['id']}")).status_code == 204


async def test_what_a_user_uploads_is_theirs_alone(
    user: Person, api: Api, client: Any, issuer: Issuer
) -> None:
    made = await user.checked(archive("mine"))
    assert made["isPrivate"]
    assert made["templateId"].startswith("mine-")
    published = await told(api, made["templateId"])
    assert published.owner_id is not None
    other = Person(client, issuer)
    for answer in (await other.get(f"{PATH}/{made['id']}"), await other.delete(f"{PATH}/{made['id']}")):
        assert answer.status_code == 404
    assert (await other.get(PATH)).json()["items"] == []
    theirs = await other.checked(archive("mine"))
    assert theirs["templateId"] != made["templateId"], "nobody takes an id away"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("#panic()", "resume.typ"),
        ('#read("/etc/passwd")', "resume.typ"),
        ('#read("../../../../../../etc/passwd")', "resume.typ"),
        ('#import "@preview/cetz:0.3.0"', "resume.typ"),
        ("#let n = 0\n#while true { n += 1 }", "always true"),
        ("#let n = 0\n#for i in range(1000000) { for j in range(10000) { n += j } }", "within"),
        ('#let a = "x" * 1000\n#let b = range(100000).map(_ => a * 100)\n#b.join().len()', "memory"),
    ],
)
async def test_a_template_that_misbehaves_is_refused_and_harms_nobody(
    user: Person, client: httpx.AsyncClient, issuer: Issuer, source: str, says: str
) -> None:
    made = await user.checked(archive("wild", SOURCE + source))
    assert made["state"] == "refused"
    assert says in made["report"]["samples"][-1]["problem"]
    body = {"content": {"basics": {"name": "Ada"}}, "format": "pdf"}
    well = await client.post("/render/v1/previews", json=body, headers=issuer.headers("processor"))
    assert well.status_code == 200


@pytest.mark.parametrize(
    ("source", "searched"),
    [('#read("/proc/self/environ")', "/proc/self/environ"), ('#read("parts/more.toml")', "parts/more.toml")],
)
async def test_a_report_names_paths_as_the_template_does_and_none_of_the_server(
    user: Person, source: str, searched: str
) -> None:
    made = await user.checked(archive("lost", SOURCE + source))
    assert made["state"] == "refused"
    problem = made["report"]["samples"][-1]["problem"]
    assert f"(searched at {searched})" in problem
    for ours in ("resumax-", tempfile.gettempdir(), "templates/"):
        assert ours not in problem


@pytest.mark.parametrize(
    ("path", "use"),
    [
        ("/given/outline", "sys.inputs.outline"),
        ("../../given/options", "sys.inputs.options"),
        ("/kit/../given/scale", 'sys.inputs.at("scale", default: "1")'),
        ("/given", "sys.inputs.outline and sys.inputs.options"),
    ],
)
async def test_a_template_that_reads_what_the_engine_keeps_for_itself_is_told_what_to_use(
    user: Person, path: str, use: str
) -> None:
    source = f'It is 5" wide.\n#let given = "{path}"\n#read(if given.len() > 7 {{ given }} else {{ given + "/outline" }})'
    made = await user.checked(archive("nosy", SOURCE + source))
    assert made["state"] == "refused"
    problem = made["report"]["problem"]
    assert problem == (
        f'$["resume.typ"]: {path} is the engine\'s own, and may be elsewhere tomorrow. Use {use} instead.'
    )


async def test_what_only_looks_like_what_the_engine_keeps_is_fine(user: Person) -> None:
    files = {
        "template.toml": MANIFEST.replace('"mine"', '"harmless"'),
        "resume.typ": SOURCE
        + '#import "parts/names.typ": given\n#given "given/name" "/givens" "/given name"',
        "parts/names.typ": '#let given = read("given/name.toml") + read("../given/name.toml")',
        "parts/given/name.toml": "",
        "given/name.toml": "",
    }
    assert (await user.checked(zipped(files)))["state"] == "published"


async def test_a_refused_version_makes_room_and_a_published_one_never_changes(user: Person) -> None:
    first = await user.checked(archive("draft", "#panic()"))
    assert first["state"] == "refused"
    better = await user.checked(archive("draft"))
    assert (better["state"], better["id"]) == ("published", first["id"])
    again = await user.upload(archive("draft"))
    assert (again.status_code, again.json()["state"]) == (202, "published"), "the same is the same"
    changed = await user.upload(archive("draft", SOURCE + "#v(1cm)"))
    assert (changed.status_code, changed.json()["code"]) == (409, "TEMPLATE_VERSION_EXISTS")
    assert (await user.checked(archive("draft", SOURCE + "#v(1cm)", version=2)))["state"] == "published"


async def test_pictures_are_those_of_the_archive_that_was_published(
    user: Person, api: Api, blobs: Blobs
) -> None:
    refused = await user.checked(archive("redrawn", "#panic()"))
    stale = f"templates/{refused['templateId']}/1/page-1.png"
    await blobs.put("resume-static", stale, b"of another archive", content_type="image/png")
    made = await user.checked(archive("redrawn"))
    pictures = (await told(api, made["templateId"])).previews
    assert (await blobs.get("resume-static", pictures[0])).startswith(b"\x89PNG")


async def test_a_template_that_cannot_show_itself_to_the_catalogue_is_refused(user: Person) -> None:
    made = await user.checked(archive("shy", SOURCE + '#if data.name == "Mara Lindqvist" { panic() }'))
    assert made["state"] == "refused"
    assert "resume.typ" in made["report"]["problem"]


async def test_what_is_published_renders_for_those_whose_it_is(
    user: Person, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    made = await user.checked(archive("usable"))
    body = {"content": {"basics": {"name": "Ada"}}, "template": made["templateId"], "format": "pdf"}
    for headers, status in ((user.headers, 200), (issuer.headers("processor"), 422)):
        answer = await client.post("/render/v1/documents", json=body, headers=headers)
        assert answer.status_code == status, answer.text
    await user.delete(f"{PATH}/{made['id']}")
    named = body | {"templateVersion": 1}
    kept = await client.post("/render/v1/documents", json=named, headers=user.headers)
    assert kept.status_code == 200, "who has it keeps it"
    offered = await client.post("/render/v1/documents", json=body, headers=user.headers)
    assert offered.status_code == 422


async def test_a_retired_template_is_told_to_the_api(user: Person, api: Api) -> None:
    made = await user.checked(archive("passing"))
    assert (await user.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert (await user.get(f"{PATH}/{made['id']}")).json()["state"] == "retired"

    async def is_retired() -> bool:
        return (made["templateId"], 1) in api.retired

    await eventually(is_retired)


async def test_nobody_takes_the_id_of_a_template_that_ships(staff: Person) -> None:
    answer = await staff.upload(archive("classic", version=9))
    assert (answer.status_code, answer.json()["code"]) == (409, "TEMPLATE_ID_TAKEN")


async def test_staff_need_a_second_factor(client: httpx.AsyncClient, issuer: Issuer) -> None:
    claims = {"roles": ["superadmin"], "acr": SINGLE_FACTOR, "auth_time": int(now().timestamp())}
    answer = await Person(client, issuer, **claims).upload(archive("house"))
    assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED")


async def test_users_upload_only_where_they_may(
    processor_settings: MakeProcessorSettings, start_processor: StartProcessor, apart: Any, issuer: Issuer
) -> None:
    broker, _platform = apart
    settings = processor_settings(nats_url=broker.url, template_uploads="staff")
    async with start_processor(settings) as client:
        for roles in ([], ["support"]):
            answer = await Person(client, issuer, roles=roles).upload(archive("mine"))
            assert answer.status_code == 403
            assert "superadmin" in answer.json()["detail"]
        assert (await client.post(PATH, content=b"")).status_code == 401


async def test_what_is_no_archive_is_refused(user: Person) -> None:
    for data in (b"", b"PK", b"{}", zipped({"resume.typ": ""})):
        answer = await user.upload(data)
        assert (answer.status_code, answer.json()["code"]) == (422, "TEMPLATE_REFUSED")
