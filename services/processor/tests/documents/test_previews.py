"""Previews for an editor: all pages or one, the newest first, each user in turn, and nothing in them that acts."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from processor_standins.api import CONTENT

from common.blobs import Blobs
from common.http import ServiceClient
from common.ids import new_id
from common.problems import Unavailable
from common.testing.issuer import Issuer
from processor.documents.comparisons import Comparisons
from processor.documents.files import Files
from processor.documents.overlong import Overlong, TakesTooLong
from processor.documents.photos import Photos
from processor.documents.previews import Previews
from processor.documents.schemas import ComparisonCreate, DocumentCreate, Look, PreviewCreate
from processor.rendering import Limits, Renderer, RenderTimedOut, load_builtin
from processor.rendering.metrics import LOST
from processor.uploads.shelf import Shelf

LONG: dict[str, Any] = {
    "basics": {"name": "Ada Long"},
    "work": [
        {"name": f"Company {n}", "position": "Engineer", "highlights": [f"Thing {n}.{k}" for k in range(5)]}
        for n in range(12)
    ],
}
HUGE = {"work": [{"name": f"Company {n}", "highlights": ["word " * 30] * 5} for n in range(300)]}


class Editor:
    """Asks for previews as one user."""

    def __init__(self, client: httpx.AsyncClient, issuer: Issuer) -> None:
        self._client, self._headers = client, issuer.headers("processor")

    async def ask(self, content: dict[str, Any] = LONG, **changes: Any) -> httpx.Response:
        return await self._client.post(
            "/render/v1/previews", json={"content": content} | changes, headers=self._headers
        )


@pytest.fixture
def editor(client: httpx.AsyncClient, issuer: Issuer) -> Editor:
    return Editor(client, issuer)


@pytest.mark.parametrize("format", ["svg", "png"])
async def test_without_a_page_all_of_them_come_in_json(editor: Editor, format: str) -> None:
    answer = await editor.ask(format=format)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["pageCount"], answer.headers["x-page-count"]) == (2, "2")
    assert [page["number"] for page in body["pages"]] == [1, 2]
    for page in body["pages"]:
        single = await editor.ask(format=format, page=page["number"])
        data = page["data"].encode() if format == "svg" else base64.b64decode(page["data"])
        assert data == single.content
        assert page["mediaType"] == single.headers["content-type"].split(";")[0]
    assert [page["number"] for page in (await editor.ask(format=format, pages=[2])).json()["pages"]] == [2]


async def test_pages_that_the_editor_has_are_not_sent_again(editor: Editor) -> None:
    before = (await editor.ask()).json()["pages"]
    edited = {**LONG, "work": [*LONG["work"][:-1], {**LONG["work"][-1], "highlights": ["Changed"]}]}
    after = (await editor.ask(edited, known=[page["hash"] for page in before])).json()["pages"]
    assert after[0] == {**before[0], "data": None}
    assert after[1]["hash"] != before[1]["hash"]
    assert after[1]["data"].startswith("<svg")


async def test_a_picture_is_as_large_as_asked_for(editor: Editor) -> None:
    small = await editor.ask(format="png", page=1, scale=0.5)
    large = await editor.ask(format="png", page=1, scale=2)
    widths = [int.from_bytes(answer.content[16:20], "big") for answer in (small, large)]
    assert widths == [397, 1587]


async def test_warnings_come_with_every_form(editor: Editor) -> None:
    content = {**CONTENT, "basics": {"name": "Ada \U00012000", "image": "https://example.org/me.png"}}
    whole = (await editor.ask(content)).json()
    assert {warning["code"] for warning in whole["warnings"]} == {"missing_glyphs", "photo_not_usable"}
    for changes in ({"page": 1}, {"format": "pdf"}):
        answer = await editor.ask(content, **changes)
        assert "missing_glyphs" in answer.headers["x-render-warnings"]
        assert "photo_not_usable" in answer.headers["x-render-warnings"]
        assert "Ada" not in answer.headers["x-render-warnings"]


async def test_a_newer_preview_of_a_session_ends_the_older_one(
    editor: Editor, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    older = asyncio.ensure_future(editor.ask(HUGE, session="cv"))
    other = asyncio.ensure_future(Editor(client, issuer).ask(session="cv"))
    await asyncio.sleep(0.15)
    newer = await editor.ask(session="cv", page=1)
    assert newer.status_code == 200
    ended = await older
    assert (ended.status_code, ended.json()["code"]) == (409, "SUPERSEDED")
    assert (await other).status_code == 200
    assert "Company" not in ended.text


async def test_one_user_with_many_previews_does_not_hold_up_another(
    editor: Editor, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    ended: list[str] = []

    async def ask(who: Editor, name: str, content: dict[str, Any]) -> int:
        status = (await who.ask(content)).status_code
        ended.append(name)
        return status

    numbered = [{"work": [{"name": f"{n}"}, *LONG["work"] * 3]} for n in range(10)]
    many = [asyncio.ensure_future(ask(editor, "busy", content)) for content in numbered]
    await asyncio.sleep(0.03)
    assert await ask(Editor(client, issuer), "calm", LONG) == 200
    statuses = await asyncio.gather(*many)
    assert statuses.count(429) >= 2
    assert statuses.count(200) >= 6
    assert "busy" in ended[ended.index("calm") + 1 :]


async def test_a_document_of_countless_parts_is_refused_before_it_takes_time(editor: Editor) -> None:
    answer = await editor.ask({"skills": [{"name": "All", "keywords": ["k"] * 25_000}]})
    assert (answer.status_code, answer.json()["detail"]) == (422, "The document has too many parts.")


@pytest.fixture
def renderer() -> Renderer:
    """What renders alone, with little time for what people wait for."""
    return Renderer(workers=1, limits=Limits(interactive=0.8, seconds=1.2))


@pytest_asyncio.fixture
async def parts(renderer: Renderer, blobs: Blobs) -> AsyncIterator[tuple[Renderer, Shelf, Photos]]:
    nobody: Any = ServiceClient
    photos, shelf = Photos(blobs, nobody), Shelf(nobody, load_builtin())
    yield renderer, shelf, photos
    photos.close()
    await shelf.close()
    await renderer.stop()


OVERLONG = {"basics": {"name": "a\u0301" * 200_000}}


async def test_what_is_not_done_in_time_is_not_tried_again_at_once(parts: Any) -> None:
    """Each try ends a worker."""
    previews, user = Previews(*parts), new_id()
    wanted = PreviewCreate(content=OVERLONG, session="cv")
    with pytest.raises(Unavailable):
        await previews.render(wanted, user)
    lost = LOST._value.get()
    pages = PreviewCreate(content=OVERLONG, page=2, session="other", known=["x"])
    for same in (wanted, pages):
        with pytest.raises(TakesTooLong) as told:
            await asyncio.wait_for(previews.render(same, user), 0.4)
    assert (told.value.status, told.value.code) == (422, "TAKES_TOO_LONG")
    assert LOST._value.get() == lost
    shorter = await previews.render(PreviewCreate(content=CONTENT, session="cv"), user)
    assert shorter.page_count == 1, "what is changed is tried"


async def test_what_people_do_not_wait_for_is_not_tried_again_at_once_either(parts: Any) -> None:
    files, comparisons, user = Files(*parts), Comparisons(*parts), new_id()
    document = DocumentCreate(content=OVERLONG)
    looks = ComparisonCreate(content=OVERLONG, before=Look(), after=Look(template="modern"))
    for ask in (lambda: files.make(document, user), lambda: comparisons.compare(looks, user)):
        with pytest.raises(Unavailable):
            await ask()
        with pytest.raises(TakesTooLong):
            await asyncio.wait_for(ask(), 0.4)
    comparisons.close()


async def test_those_who_waited_for_the_same_are_told_too(parts: Any) -> None:
    previews, user = Previews(*parts), new_id()
    before = LOST._value.get()
    asked = [previews.render(PreviewCreate(content=OVERLONG), user) for _ in range(4)]
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(problem) for problem in told} == {Unavailable, TakesTooLong}
    assert LOST._value.get() - before <= 2, "those two that were rendered at once"


def test_what_took_too_long_is_forgotten_after_a_while_and_there_is_an_end_to_it() -> None:
    def fail(overlong: Overlong, key: bytes) -> None:
        with pytest.raises(RenderTimedOut), overlong.watched(key):
            raise RenderTimedOut

    brief = Overlong(seconds=0)
    fail(brief, b"1")
    brief.check(b"1")
    few = Overlong(most=2)
    for key in (b"1", b"2", b"3"):
        fail(few, key)
    few.check(b"1")
    for key in (b"2", b"3"):
        with pytest.raises(TakesTooLong):
            few.check(key)


async def test_another_page_of_the_same_is_not_rendered_again(blobs: Blobs) -> None:
    renderer = Renderer(workers=1)
    nobody: Any = ServiceClient
    photos = Photos(blobs, nobody)
    previews, user = Previews(renderer, Shelf(nobody, load_builtin()), photos), new_id()

    async def ask(page: int, content: dict[str, Any] = LONG, by: Any = user) -> bytes:
        return (await previews.render(PreviewCreate(content=content, page=page), by)).files[page - 1]

    def rendered() -> int:
        return sum(child.documents for child in renderer._pool._children)

    first, second = await ask(1), await ask(2)
    assert first != second
    assert rendered() == 1
    assert await ask(1, by=new_id()) == first  # of another user: what is their own may look otherwise
    assert rendered() == 2
    await ask(1, {**LONG, "skills": [{"name": "More"}]})
    assert rendered() == 3
    photos.close()
    await renderer.stop()
