"""Typst: an outline and a template become PDF, SVG or PNG. This runs in a worker process, one document at a time.

Data goes in as JSON, never as markup, so nothing a resume says is run. The engine reads files below one folder that is its
own: copies of the templates and kits, and the data and photo of the document at hand.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from processor.rendering.documents import Photo
from processor.rendering.errors import RenderFailed
from processor.rendering.fonts import font_folders
from processor.rendering.given import Given, copy_template
from processor.rendering.inputs import for_card, for_pages, photo_path
from processor.rendering.manifest import TEMPLATES, Template
from processor.rendering.memory import give_back_memory, resident
from processor.rendering.setting import set_pages
from processor.rendering.svg import made_safe
from processor.rendering.workers.protocol import Card, Done, Format, Pages, Standard

# A viewer's preference for the order of facing pages, in documents of right-to-left languages. Chrome's PDF engine takes it
# as a reason to turn e-mail and web addresses around when they are copied. Of equal length, so offsets in the file stay true.
_RIGHT_TO_LEFT, _LEFT_TO_RIGHT = b"/Direction/R2L", b"/Direction/L2R"
# Typst keeps what it laid out for the next ten compiles, which is what makes a second render quick. A resume of hundreds of
# entries would hold 100 MB for that long.
_LARGE_INPUT = 150_000
_COMPILES_REMEMBERED = 12
_MUCH, _MUCH_MORE = 224 << 20, 96 << 20
"""Bytes: a worker that holds this much, or this much more than it cannot do without, forgets what it has laid out."""
_SCALES_REMEMBERED = 64
_CARD_PPI = 72  # a pixel a point
_NO_INPUTS: Mapping[str, str] = {}
# The root of the tree of pages is the first object of a file.
_PAGE_COUNT = re.compile(rb"/Type/Pages/Count (\d+)")


class Typst:
    """Renders with the templates that it copies below `root`, which is nobody else's."""

    def __init__(self, root: Path) -> None:
        self._root = root
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=True,
            font_paths=[str(folder) for folder in font_folders()],
        )
        self._compiler = typst.Compiler(root=str(root), font_paths=fonts, ignore_system_fonts=True)
        self._folders: dict[Path, Path] = {}
        self._has_large_input = False
        self._much = _MUCH
        self._shown: dict[str, bool] = {}
        self._given = Given(root)
        self._scales: dict[tuple[Path, str, str], float] = {}
        self._asking: set[Path] = set()
        self._inputs: Mapping[str, str] | None = _NO_INPUTS
        copy_template(TEMPLATES / "kit", root / "kit")

    def pages(self, task: Pages) -> Done:
        """Lay a document out. Raises RenderFailed."""
        template, document = task.template, task.sheet.document()
        source = self.bring(template.folder) / template.source(document).name
        inputs = for_pages(template, document, task.options)
        press = _Source(self, template, source, explains=task.explains)
        # A guess may find another scale than a search where pages do not grow with letters, so files do without.
        known = (template.folder, inputs["options"], document.title)
        press.likely_scale = self._scales.get(known) if task.format == "svg" else None
        with self._photo(document.photo):
            made, warnings = set_pages(
                press,
                inputs,
                task.options,
                task.format,
                limits=template.fit,
                usual_fit=_usual_fit(template),
                ppi=task.ppi,
                standards=task.standards,
            )
        if press.likely_scale is not None:
            self._scales = dict([*self._scales.items(), (known, press.likely_scale)][-_SCALES_REMEMBERED:])
        if task.format == "pdf":
            return Done([made[0].replace(_RIGHT_TO_LEFT, _LEFT_TO_RIGHT)], _page_count(made[0]), warnings)
        wanted = task.pages or range(1, len(made) + 1)
        pages = [made[page - 1] for page in wanted if page <= len(made)]
        return Done(
            [made_safe(page) for page in pages] if task.format == "svg" else pages, len(made), warnings
        )

    def card(self, task: Card) -> Done:
        """Draw the picture of a shared resume. Raises RenderFailed."""
        source = self._root / "kit" / str(task.template.kit) / "card.typ"
        inputs = for_card(task.sheet.document(), task.options)
        return Done(self.compile(task.template, source, inputs, "png", ppi=_CARD_PPI))

    def tidy(self) -> None:
        """Leave no data lying about, and let Typst drop what it remembers of a large document, or of several, by compiling
        nothing until all of it is old (0.1 s)."""
        self._given.take_away()
        if self._has_large_input or resident() > self._much:
            self._has_large_input = False
            for _ in range(_COMPILES_REMEMBERED):
                self._typeset(b"", format="pdf")
            give_back_memory()
            # What is left then, such as typefaces, is no reason to do it again.
            self._much = max(_MUCH, resident() + _MUCH_MORE)

    def bring(self, folder: Path) -> Path:
        """The copy of a template's folder. A published template never changes, so it is copied once."""
        found = self._folders.get(folder)
        if found is None:
            found = self._root / "templates" / f"{len(self._folders)}"
            with contextlib.suppress(FileNotFoundError):  # what is not there is not found when it is compiled
                if not copy_template(folder, found):
                    self._asking.add(found)
            self._folders[folder] = found
        return found

    @contextlib.contextmanager
    def _photo(self, photo: Photo | None) -> Iterator[None]:
        """The photo where the template finds it, for as long as it is needed."""
        if photo is None:
            yield
            return
        file = self._root / photo_path(photo).lstrip("/")
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(photo.data)
        try:
            yield
        finally:
            file.unlink()

    def query(self, selector: str) -> str:
        """What the document compiled last says to a selector, as JSON."""
        try:
            return self._compiler.query(selector)
        except RuntimeError:
            return "[]"

    def can_show(self, character: str) -> bool:
        """Whether the engine has a glyph of its own for a character: PDF/UA refuses those that have none."""
        if character not in self._shown:
            words = f'#set document(title: "x")\n#"{character}"'.encode()
            try:
                self._typeset(words, format="pdf", pdf_standards=["ua-1"])
                self._shown[character] = True
            except (typst.TypstError, RuntimeError):
                self._shown[character] = False
        return self._shown[character]

    def compile(
        self,
        template: Template,
        source: Path,
        inputs: dict[str, str],
        format: Format,
        *,
        ppi: float,
        standards: Sequence[Standard] = (),
        explains: bool = False,
    ) -> list[bytes]:
        self._has_large_input = self._has_large_input or len(inputs["outline"]) > _LARGE_INPUT
        self._given.give(inputs)
        asked = inputs if source.parent in self._asking else {}
        try:
            made = self._typeset(str(source), asked, format=format, ppi=ppi, pdf_standards=list(standards))
        except typst.TypstError as error:
            raise RenderFailed(_describe(template, error, explains=explains)) from None
        except (RuntimeError, OSError):
            raise RenderFailed(f"Template {template.id} {template.version} broke the engine.") from None
        if not made:
            raise RenderFailed(f"Template {template.id} {template.version} made no output.")
        return made if isinstance(made, list) else [made]

    def _typeset(
        self, source: str | bytes, inputs: Mapping[str, str] = _NO_INPUTS, **how: Any
    ) -> bytes | list[bytes] | None:
        """Have the engine make a file. Inputs that it has already are not given again: it would build its library anew, and
        look through it for changes (0.7 ms)."""
        given = ... if inputs == self._inputs else dict(inputs)
        self._inputs = None  # which it has is not known until it has made something
        made = self._compiler.compile(source, sys_inputs=given, **how)
        self._inputs = inputs
        return made


class _Source:
    """One source as `set_pages` asks for it."""

    def __init__(self, engine: Typst, template: Template, source: Path, *, explains: bool) -> None:
        self._engine, self._template, self._source, self._explains = engine, template, source, explains
        self.query, self.can_show = engine.query, engine.can_show
        self.likely_scale: float | None = None

    def compile(
        self, inputs: dict[str, str], format: Format, *, ppi: float = 96, standards: Sequence[Standard] = ()
    ) -> list[bytes]:
        return self._engine.compile(
            self._template,
            self._source,
            inputs,
            format,
            ppi=ppi,
            standards=standards,
            explains=self._explains,
        )


def _usual_fit(template: Template) -> int:
    option = template.options.get("fit")
    return int(option.default) if option else 0


def _page_count(pdf: bytes) -> int:
    found = _PAGE_COUNT.search(pdf)
    return int(found[1]) if found else 1


def _describe(template: Template, error: typst.TypstError, *, explains: bool) -> str:
    """The place of an error. Its message may quote the data, so it is left out unless it `explains`."""
    places = (line.strip(" ┌─") for line in error.diagnostic.splitlines() if "┌─" in line)
    place = next(places, "unknown place").rsplit("/", 1)[-1]
    words = f": {error.message}" if explains else ""
    return f"Template {template.id} {template.version} could not be compiled ({place}){words}."
