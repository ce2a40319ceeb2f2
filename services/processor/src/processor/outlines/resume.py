"""A JSON Resume (1.3.1, older versions, and anything shaped like it) as an outline.

Nothing here refuses content: a wrong type is shown as well as it can be, and a field or section that the schema does not
know is shown under its own name. Left out are only `$schema`, `meta`, and the picture's address.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from common.contracts.versions import SectionStyle
from processor.outlines import lengths
from processor.outlines.dates import locale_of
from processor.outlines.entries import ALIASES, SPECS, Spec, Writing, read_entry, spec_of
from processor.outlines.heads import read_head
from processor.outlines.labels import labels_in
from processor.outlines.outline import Entry, Outline, Section, arrange
from processor.outlines.text import clean, humanise, many_texts

_NOT_SECTIONS = {"basics", "profiles", "$schema", "meta"}
_MOST_COLUMNS = 4
WRITERS_ORDER = ("*",)
"""Every section where the writer put it."""


def read_resume(
    content: dict[str, Any],
    *,
    language: str,
    title: str,
    date_style: str = "short",
    order: Sequence[str] = WRITERS_ORDER,
    hidden: Sequence[str] = (),
    styles: Sequence[SectionStyle] = (),
) -> Outline:
    """The outline of a resume in a language (BCP 47). `order` and `hidden` name kinds of sections; `styles` says how
    sections are set where that is not as usual, in the order that their writer gave them."""
    locale = locale_of(language)
    writing = Writing(language, date_style, labels_in(locale.language))
    head = read_head(content, writing)
    sections = arrange(_sections(content, writing, {style.name: style for style in styles}), order, hidden)
    return Outline(
        title=clean(title).replace("\n", " ") or head.name,
        language=locale.language,
        region=locale.territory or "",
        rtl=locale.character_order == "right-to-left",
        comma=writing.labels["comma"],
        name=head.name,
        headline=head.headline,
        summary=head.summary,
        summary_title=writing.labels["summary"],
        contacts=head.contacts,
        profiles=head.profiles,
        facts=head.facts,
        sections=sections,
        kind_title=writing.labels["resume"],
        longest=max([lengths.of_head(head), *map(lengths.of_section, sections)]),
    )


def _sections(content: dict[str, Any], writing: Writing, styles: Mapping[str, SectionStyle]) -> list[Section]:
    sections = (
        _section(content[name], writing, styles.get(name) or SectionStyle(name=name, kind=name))
        for name in _in_writers_order(content, styles)
        if name not in _NOT_SECTIONS
    )
    return [section for section in sections if section.entries]


def _in_writers_order(content: Mapping[str, Any], styles: Mapping[str, SectionStyle]) -> list[str]:
    """The names of the members: those in `styles` in its order on the places that they have, others where they are."""
    following = iter([name for name in styles if name in content])
    return [next(following) if name in styles else name for name in content]


def _section(value: Any, writing: Writing, style: SectionStyle) -> Section:
    kind = ALIASES.get(style.kind, style.kind)
    spec = spec_of(kind)
    entries = _entries(value, spec, writing)
    layout = spec.layout
    if kind not in SPECS and all(entry.is_term for entry in entries):
        layout = "terms"
    return Section(
        clean(style.name),
        clean(kind),
        _title(style, writing),
        layout,
        entries,
        columns=min(max(style.columns, 1), _MOST_COLUMNS),
        page_break_before=style.page_break_before,
        keep_together=style.keep_together,
    )


def _title(style: SectionStyle, writing: Writing) -> str:
    """What its writer heads it with, or the usual words for its name: a second section of a kind has a name of its own."""
    given = clean(style.title or "").replace("\n", " ")
    return given or writing.labels.get(ALIASES.get(style.name, style.name)) or humanise(style.name)


def _entries(value: Any, spec: Spec, writing: Writing) -> list[Entry]:
    """The items of a section. Items that are no objects (a list of words, a text) are gathered in one entry."""
    if isinstance(value, str):
        words, items = [], [Entry(paragraphs=many_texts(value, writing.labels))]
    else:
        listed = value if isinstance(value, list) else [value]
        words = [
            text for item in listed if not isinstance(item, dict) for text in many_texts(item, writing.labels)
        ]
        items = [read_entry(item, spec, writing) for item in listed if isinstance(item, dict)]
    gathered = Entry(tags=words) if spec.layout == "terms" else Entry(bullets=words)
    return [entry for entry in [*items, gathered] if not entry.is_blank]
