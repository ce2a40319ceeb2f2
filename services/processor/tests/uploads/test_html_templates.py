"""Templates in HTML that people upload: rendered where they can do nothing, and apart from all others."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest
import pytest_asyncio
from processor_standins.archives import MANIFEST, zipped
from processor_standins.engine import Engine

from common.ids import new_id
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer
from processor.rendering import Renderer, RenderFailed, Template
from processor.uploads import archives

SOURCE = """<!doctype html>
<html lang="{{ data.language }}"><head><title>{{ data.title }}</title><style>{{ style("look.css") }}</style></head>
<body><h1>{{ data.name }}</h1>{% include "sections.html" %}</body></html>
"""
SECTIONS = "{% for section in data.sections %}<h2>{{ section.title }}</h2>{% endfor %}"
STYLE = "@page { size: A4; margin: 20mm } body { font-family: 'Noto Sans' }"
CONTENT: dict[str, Any] = {"basics": {"name": "Zoë Apart"}, "skills": [{"name": "Standing alone"}]}
MISTAKES = [
    ("{{ data.nothing }}", "has no attribute 'nothing'"),
    ("\n{% if %}", "resume.html:2"),
    ("{% include '../../../etc/passwd' %}", "etc/passwd"),
    ("{{ ''.__class__ }}", "unsafe"),
]


def archive(name: str, source: str = SOURCE) -> bytes:
    manifest = MANIFEST.replace('"mine"', f'"{name}"').replace("typst", "html")
    manifest = manifest.replace("resume.typ", "resume.html")
    files = {"template.toml": manifest, "resume.html": source, "sections.html": SECTIONS, "look.css": STYLE}
    return zipped(dict(files))


@pytest_asyncio.fixture(scope="module")
async def engine() -> AsyncIterator[Engine]:
    renderer = Renderer(workers=1)
    yield Engine(renderer)
    await renderer.stop()


def unpacked(folder: Path, source: str = SOURCE) -> Template:
    return archives.unpack(archives.read(archive("mine", source)), folder)


# SECURITY 25
async def test_one_is_rendered_by_a_worker_and_a_browser_that_others_do_not_have(
    engine: Engine, tmp_path: Path
) -> None:
    made = await engine.made(unpacked(tmp_path), CONTENT, {})
    with pypdfium2.PdfDocument(made.files[0]) as opened:
        words = opened[0].get_textpage().get_text_range()
    assert "Zoë Apart" in words
    assert "Skills" in words
    assert engine.renderer.pids == []
    assert engine.renderer.browser.running is None


@pytest.mark.parametrize(("source", "told"), MISTAKES)
async def test_its_mistakes_are_told_to_whoever_checks_it(
    engine: Engine, tmp_path: Path, source: str, told: str
) -> None:
    template = unpacked(tmp_path, source)
    with pytest.raises(RenderFailed, match=told):
        await engine.made(template, CONTENT, {}, explains=True)
    with pytest.raises(RenderFailed) as error:
        await engine.made(template, CONTENT, {})
    assert str(error.value).endswith(").")


async def test_a_page_without_end_is_refused(engine: Engine, tmp_path: Path) -> None:
    endless = "{% for _ in range(60000) %}<p>All work and no play makes a long page.</p>{% endfor %}"
    with pytest.raises(RenderFailed, match="too large"):
        await engine.made(unpacked(tmp_path, endless), CONTENT, {})


async def test_one_is_checked_published_and_previewed(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = issuer.headers("processor", user_id=new_id())
    answer = await client.post(
        "/render/v1/template-uploads",
        content=archive("in-html"),
        headers=headers | {"Content-Type": "application/zip"},
    )
    assert answer.status_code == 202, answer.text

    async def outcome() -> dict[str, Any] | None:
        read: dict[str, Any] = (await client.get(answer.headers["location"], headers=headers)).json()
        return read if read["state"] in {"published", "refused"} else None

    found: dict[str, Any] = await eventually(outcome, within=60)
    assert found["state"] == "published", found
    wanted = {"content": CONTENT, "template": found["templateId"], "format": "pdf"}
    preview = await client.post("/render/v1/previews", json=wanted, headers=headers)
    assert preview.status_code == 200, preview.text
    assert preview.content.startswith(b"%PDF-")
