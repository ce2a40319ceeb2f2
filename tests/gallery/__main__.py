"""Render the gallery: `python -m tests.gallery [TEMPLATE…]` (all templates, all versions, unless some are named)."""

import asyncio
import base64
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import jinja2
import msgspec

from common.contracts.documents import RenderWarning
from processor.rendering import (
    EngineUnavailable,
    Rendered,
    Renderer,
    RenderFailed,
    Template,
    Wanted,
    load_builtin,
)
from processor.rendering.samples import NAMES, read

_PPI = 100
_HERE = Path(__file__).parent


class Shown(msgspec.Struct, frozen=True):
    """One document in one template: its pages as PNG, what is to be said about it, or why there are none."""

    name: str
    pages: Sequence[bytes] = ()
    seconds: float = 0
    warnings: Sequence[RenderWarning] = ()
    problem: str = ""


class Row(msgspec.Struct, frozen=True):
    """A template with all that it was rendered with."""

    template: Template
    shown: Sequence[Shown]


async def _show(renderer: Renderer, turns: asyncio.Semaphore, template: Template, name: str) -> Shown:
    wanted = Wanted(template, read(name), {}, "png", ppi=_PPI, explains=True)
    try:
        async with turns:  # what is timed does not wait for others
            made, seconds = await _timed(renderer, wanted)
    except (EngineUnavailable, RenderFailed) as problem:
        return Shown(name, problem=str(problem))
    return Shown(name, made.files, seconds, made.warnings)


async def _timed(renderer: Renderer, wanted: Wanted) -> tuple[Rendered, float]:
    started = time.perf_counter()
    made = await renderer.render(wanted, priority="interactive")
    return made, time.perf_counter() - started


async def _row(renderer: Renderer, turns: asyncio.Semaphore, template: Template) -> Row:
    names = [name for name in NAMES if read(name).kind in template.kinds]
    return Row(template, await asyncio.gather(*(_show(renderer, turns, template, name) for name in names)))


async def _rows(templates: Sequence[Template]) -> list[Row]:
    cores = os.cpu_count() or 2
    renderer, turns = Renderer(workers=cores), asyncio.Semaphore(cores)
    try:
        return await asyncio.gather(*(_row(renderer, turns, template) for template in templates))
    finally:
        await renderer.stop()


def _write(rows: Sequence[Row], folder: Path) -> Path:
    """The pages as files, and one page of HTML that holds them all."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for row in rows:
        for shown in row.shown:
            for number, page in enumerate(shown.pages, start=1):
                name = f"{row.template.id}-{row.template.version}-{shown.name}-{number}.png"
                (folder / name).write_bytes(page)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["data_uri"] = lambda page: "data:image/png;base64," + base64.b64encode(page).decode()
    index = folder / "index.html"
    index.write_text(environment.from_string((_HERE / "index.html").read_text()).render(rows=rows, ppi=_PPI))
    return index


def main(wanted: Sequence[str]) -> int:
    """Render, and say where it lies and what went wrong; 1 when something did."""
    templates = [template for template in load_builtin().values() if not wanted or template.id in wanted]
    started = time.perf_counter()
    rows = asyncio.run(_rows(templates))
    index = _write(rows, Path(os.environ.get("RESUMAX_DATA") or ".data") / "gallery")
    problems = [(row.template, shown) for row in rows for shown in row.shown if shown.problem]
    for template, shown in problems:
        print(f"{template.id} {template.version}, {shown.name}: {shown.problem}")
    pages = sum(len(shown.pages) for row in rows for shown in row.shown)
    print(f"{len(rows)} templates, {pages} pages, {time.perf_counter() - started:.1f} s: {index.resolve()}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
