"""Typst: an outline and a template become PDF, SVG or PNG.

Compiling is blocking native code that releases the GIL, so it runs in a bounded pool of threads owned here. Fonts are
searched once; each thread keeps one compiler, because a compiler cannot be shared between threads and keeps what it has
read and laid out for the next render. Data goes in as JSON through `sys.inputs`, never as markup, so nothing a resume says
is run.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

import typst

from common.contracts.versions import SectionStyle
from processor import outlines
from processor.rendering.documents import Document
from processor.rendering.errors import RenderFailed, RenderTimedOut
from processor.rendering.inputs import for_card, for_pages
from processor.rendering.manifest import TEMPLATES, Template, resolve_options

T = TypeVar("T")
# Families that templates offer; Noto covers other scripts and emoji, Amiri covers Arabic: the letters of Noto's Arabic
# are made of several glyphs, and come out doubled when text is copied from a PDF.
_FAMILIES = (
    "EB Garamond",
    "Gentium Book Plus",
    "Lato",
    "Noto Sans",
    "Open Sans",
    "Source Sans 3",
    "XCharter",
)
_PACKAGES = ("typst", "rendercv-fonts", "manimgx-fonts", "fontpkg-amiri", "babel")


# A viewer's preference for the order of facing pages, in documents of right-to-left languages. Chrome's PDF engine takes it
# as a reason to turn e-mail and web addresses around when they are copied. Of equal length, so offsets in the file stay true.
_RIGHT_TO_LEFT, _LEFT_TO_RIGHT = b"/Direction/R2L", b"/Direction/L2R"
# Typst keeps what it laid out for the next ten compiles, which is what makes a second render quick. A resume of hundreds of
# entries would hold 100 MB for that long.
_LARGE_INPUT = 150_000
_COMPILES_REMEMBERED = 12
_CARD_PPI = 72  # a pixel a point


@cache
def engine_version() -> str:
    """Names everything besides the content that decides what a document looks like: for content addresses.

    It changes with the versions of the engine, fonts and locale data, and with any byte of templates and this package.
    """
    digest = hashlib.sha256()
    sources = (Path(__file__).parent, Path(outlines.__file__).parent, TEMPLATES)
    for path in sorted(path for folder in sources for path in folder.rglob("*.*")):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in _PACKAGES:
        digest.update(f"{package} {version(package)}\0".encode())
    return f"typst-{version('typst')}-{digest.hexdigest()[:16]}"


def load_fonts() -> typst.Fonts:
    """The bundled fonts; none of the system's, so that a document looks the same everywhere. Glyphs load when used."""
    bundled = files("rendercv_fonts")
    folders = [str(bundled / family) for family in _FAMILIES]
    folders += [str(files("manimgx_fonts")), str(files("fontpkg_amiri") / "files")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[*folders])


class TypstEngine:
    """Renders resumes with Typst templates, whose files lie under `root`.

    `timeout` is in seconds and includes waiting for a free thread.
    """

    def __init__(self, *, workers: int = 2, timeout: float = 20.0, root: Path = TEMPLATES) -> None:
        self._root = root
        self._fonts = load_fonts()
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="typst")
        self._local = threading.local()

    def close(self) -> None:
        """Take no more work and drop what is queued; what is being compiled ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def pdf(
        self,
        template: Template,
        content: dict[str, Any],
        options: Mapping[str, Any],
        *,
        language: str,
        title: str,
        sections: Sequence[SectionStyle] = (),
    ) -> bytes:
        """A tagged PDF, the same bytes for the same input.

        `options` are checked (`InvalidOption`); `language` is BCP 47; `title` is the document's title in its metadata;
        `sections` says how sections are set where that is not as usual, in the writer's order, which counts unless `options`
        have another. Raises `RenderFailed` or `RenderTimedOut`.
        """
        chosen, document = resolve_options(template, options), Document(content, language, title, sections)

        def render() -> bytes:
            made = self._compile(template, for_pages(template, document, chosen), "pdf")[0]
            return made.replace(_RIGHT_TO_LEFT, _LEFT_TO_RIGHT)

        return await self._run(render)

    async def pages(
        self,
        template: Template,
        content: dict[str, Any],
        options: Mapping[str, Any],
        *,
        language: str,
        title: str,
        sections: Sequence[SectionStyle] = (),
        format: Literal["svg", "png"] = "svg",
        ppi: float = 96,
    ) -> list[bytes]:
        """Every page as a picture, for previews. Arguments and errors as for `pdf`."""
        chosen, document = resolve_options(template, options), Document(content, language, title, sections)

        def render() -> list[bytes]:
            return self._compile(template, for_pages(template, document, chosen), format, ppi)

        return await self._run(render)

    async def card(
        self,
        template: Template,
        content: dict[str, Any],
        options: Mapping[str, Any],
        *,
        language: str,
        title: str,
    ) -> bytes:
        """A PNG of 1200 by 630 pixels with name and headline, in the colour and typeface of the template: the picture
        that OpenGraph asks for. Arguments and errors as for `pdf`."""
        chosen, document = resolve_options(template, options), Document(content, language, title)
        source = self._root / "kit" / str(template.kit) / "card.typ"

        def render() -> bytes:
            return self._compile(template, for_card(document, chosen), "png", _CARD_PPI, source)[0]

        return await self._run(render)

    async def previews(self, template: Template) -> list[bytes]:
        """A PNG of each page of the template with its made-up sample, for catalogues."""
        return await self.pages(template, template.sample, {}, language="en", title="", format="png", ppi=110)

    async def warm_up(self, template: Template) -> None:
        """Render once, so that the first person does not wait for fonts to load and sources to be parsed."""
        await self.pdf(template, template.sample, {}, language="en", title="")

    async def _run(self, render: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.get_running_loop().run_in_executor(self._threads, render)
        except TimeoutError:
            raise RenderTimedOut(f"The document was not rendered within {self._timeout:g} s.") from None

    def _compile(
        self,
        template: Template,
        inputs: dict[str, str],
        format: Literal["pdf", "svg", "png"],
        ppi: float = 96,
        source: Path | None = None,
    ) -> list[bytes]:
        file = str(source or template.folder / template.files[template.kinds[0]])
        try:
            made = self._compiler().compile(file, format=format, ppi=ppi, sys_inputs=inputs)
        except typst.TypstError as error:
            raise RenderFailed(_describe(template, error)) from None
        except BaseException as error:
            # A panic in native code is no Exception, and would end the worker.
            if not isinstance(error, RuntimeError | OSError) and type(error).__name__ != "PanicException":
                raise
            self._local.__dict__.clear()  # the compiler is in no known state
            raise RenderFailed(f"Template {template.id} {template.version} broke the engine.") from None
        finally:
            if len(inputs["outline"]) > _LARGE_INPUT:
                self._forget()
        if made is None:
            raise RenderFailed(f"Template {template.id} {template.version} made no output.")
        return made if isinstance(made, list) else [made]

    def _forget(self) -> None:
        """Let Typst drop what it remembers, by compiling nothing until all of it is old (0.1 s; 100 MB a large resume)."""
        for _ in range(_COMPILES_REMEMBERED):
            self._compiler().compile(b"", format="pdf", sys_inputs={})

    def _compiler(self) -> typst.Compiler:
        if not hasattr(self._local, "compiler"):
            self._local.compiler = typst.Compiler(
                root=str(self._root), font_paths=self._fonts, ignore_system_fonts=True
            )
        compiler: typst.Compiler = self._local.compiler
        return compiler


def _describe(template: Template, error: typst.TypstError) -> str:
    """The place of an error. Its message may quote the data, so it is left out."""
    place = next(
        (line.strip(" ┌─") for line in error.diagnostic.splitlines() if "┌─" in line), "unknown place"
    )
    return f"Template {template.id} {template.version} could not be compiled ({place})."
