"""Workers for the templates of strangers: whatever one of them does, the documents of the others are finished."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from processor.rendering import RenderFailed, load_builtin
from processor.rendering.documents import Document
from processor.rendering.errors import EngineUnavailable
from processor.rendering.manifest import resolve_options
from processor.rendering.workers import strangers
from processor.rendering.workers.child import Limits
from processor.rendering.workers.protocol import Pages, Sheet
from processor.rendering.workers.strangers import Strangers

SLOW = "#for a in range(400) { for b in range(1000) { let c = a + b } }\nslow"
ENDLESS = "#for a in range(100000) { for b in range(100000) {} }"
Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """`written(name, source)`: the folder of a template."""

    def write(name: str, source: str | bytes = "Hello") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "main.typ").write_bytes(source.encode() if isinstance(source, str) else source)
        return folder

    return write


@pytest_asyncio.fixture
async def workers() -> AsyncIterator[Strangers]:
    opened = Strangers(Limits(seconds=4.0))
    yield opened
    await opened.stop()


def task(folder: Path) -> Pages:
    template = msgspec.structs.replace(load_builtin()["classic", 1], folder=folder, is_custom=True)
    return Pages(template, Sheet.of(Document({}, "en", "")), resolve_options(template, {}), "svg")


async def test_a_template_that_cannot_be_loaded_is_told_so_and_not_started_for_ever(
    workers: Strangers, written: Written
) -> None:
    broken = written("broken", b"caf\xe9")
    with pytest.raises(RenderFailed, match="cannot be loaded"):
        await workers.run(broken, task(broken))
    written("broken", "Mended")
    assert (await workers.run(broken, task(broken))).page_count == 1, "who comes later has it tried again"


async def test_a_folder_with_the_name_of_a_source_does_no_harm(workers: Strangers, written: Written) -> None:
    folder = written("odd")
    (folder / "part.typ").mkdir()
    assert (await workers.run(folder, task(folder))).page_count == 1


async def test_a_template_that_is_in_use_does_not_make_room_for_another(
    workers: Strangers, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "MOST", 1)
    slow, quick = written("slow", SLOW), written("quick")
    first = asyncio.ensure_future(workers.run(slow, task(slow)))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(workers.run(quick, task(quick)))
    assert [made.page_count for made in await asyncio.gather(first, second)] == [1, 1]


async def test_who_waits_too_long_for_room_is_told_to_come_back(
    workers: Strangers, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "MOST", 1)
    monkeypatch.setattr(strangers, "LONGEST_WAIT", 0.1)
    endless, quick = written("endless", ENDLESS), written("quick")
    first = asyncio.ensure_future(workers.run(endless, task(endless)))
    await asyncio.sleep(0)
    with pytest.raises(EngineUnavailable, match="Too many templates"):
        await workers.run(quick, task(quick))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await workers.run(quick, task(quick))).page_count == 1, "what was given up makes room"
