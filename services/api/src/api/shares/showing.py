"""What a link shows: the content, and the page that is made of it."""

from collections import OrderedDict
from datetime import datetime
from uuid import UUID

import msgspec
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, writing
from api.contents.snapshots import Snapshot, thaw
from api.resumes import service as resumes
from api.shares import naming
from api.shares.access import Shared, is_for_everybody, is_indexed
from api.shares.naming import Naming
from api.shares.reading.contact import without_contact
from api.shares.reading.dates import day, locale_of
from api.shares.reading.fields import Writing
from api.shares.reading.outline import Head, Outline, outline
from api.versions import queries as versions
from api.versions import service as version_service
from common.ui.assets import Asset
from common.ui.languages import direction
from common.ui.pages import Pages

STYLE = Asset("api.shares", "resume.css", path="/r/resume.css", media_type="text/css")
UI_STYLE = Asset("common.ui", "ui.css", path="/r/ui.css", media_type="text/css")
PAGES = Pages("api.shares", switch="", assets={"style": UI_STYLE, "sheet": STYLE})
THIS_VISIT = "this-visit"
"""Stands in a kept page where the pass of a visit goes."""
_LONGEST_DESCRIPTION = 160


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a link, of a document of that `kind`. `look` names what pictures of it depend on beside that:
    template and options."""

    snapshot: Snapshot
    kind: str
    language: str
    look: str
    changed_at: datetime


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A page, and what it and its files are called."""

    html: bytes
    naming: Naming


async def read(db: AsyncSession, shared: Shared) -> Shown:
    """What the link shows: never what its owner hides. Raises VersionNotFound, ResumeNotFound."""
    share = shared.share
    resume = await resumes.get(db, share.resume_id, owner_id=share.owner_id)
    look = f"{resume.template} {resume.template_version} {codec.canonical(resume.settings).decode()}"
    if share.version_id is None:
        snapshot, language = await writing.read(db, resume), resume.language
        changed_at = resume.updated_at
    else:
        version = await versions.with_content(db, share.version_id, owner_id=share.owner_id)
        if version is None:
            raise version_service.VersionNotFound
        snapshot, language = thaw(version.content, version.layout), version.language
        changed_at = version.created_at
    return Shown(
        snapshot=snapshot if share.show_contact else without_contact(snapshot),
        kind=resume.kind,
        language=language,
        look=look,
        changed_at=changed_at,
    )


def named(shown: Shown) -> Naming:
    """What the link's page and files are called. It reads texts of any length: not for the event loop."""
    words = _writing(PAGES.languages.choose(shown.language), shown)
    return naming.naming(shown.snapshot, shown.kind, words, look=shown.look)


def _writing(words: str, shown: Shown) -> Writing:
    return Writing(shown.language, lambda text: PAGES.languages.translate(words, text))


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What `templates/resume.html` and `letter.html` are made of. `is_named`: its heading is the writer's own."""

    language: str
    direction: str
    is_foreign: bool
    title: str
    heading: str
    is_named: bool
    description: str
    indexable: bool
    address: str
    picture: str
    pdf: str
    comments: str
    changed: str
    about: Markup | None
    outline: Outline
    head: Head


def make(shared: Shared, shown: Shown, *, public_url: str) -> Made:
    """The page of a link. It takes some milliseconds of pure computing: not for the event loop."""
    share, words = shared.share, PAGES.languages.choose(shown.language)
    words_ = _writing(words, shown)
    found = outline(shown.snapshot, words_, kind=shown.kind)
    head = found.head
    called = naming.name_of(head, shown.kind, words_, look=shown.look)
    is_named = bool(head.name or head.headline)
    address = f"{public_url}/r/{share.slug}"
    page = Page(
        language=shown.language,
        direction=_direction(shown.language, shared.direction),
        is_foreign=words.split("-")[0] != shown.language.lower().split("-")[0],
        title=_title(found, called.heading),
        heading=called.heading,
        is_named=is_named,
        description=_description(found),
        indexable=is_indexed(share),
        address=address,
        picture=f"{address}{picture(called)}" if is_for_everybody(share) else f"{address}/og.png",
        pdf=_pdf(shared),
        comments=f"/r/{share.slug}/comments" if share.allow_comments else "",
        changed=day(shown.changed_at, words),
        about=_about(head, address) if is_indexed(share) and is_named else None,
        outline=found,
        head=head,
    )
    html = PAGES.render("letter.html" if found.letter else "resume.html", words, page=page)
    return Made(html=html.encode(), naming=called)


def picture(called: Naming) -> str:
    """Where the picture is, under the page's own address, once it is drawn: messengers keep what they get there."""
    return f"/og.png?v={called.card}"


def _title(found: Outline, heading: str) -> str:
    about = (found.letter and found.letter.subject) or found.head.headline
    return f"{heading} \N{EN DASH} {about}" if about and about != heading else heading


def _pdf(shared: Shared) -> str:
    share = shared.share
    if not share.allow_download:
        return ""
    return f"/r/{share.slug}/resume.pdf" + (f"?pass={THIS_VISIT}" if share.max_views is not None else "")


def _direction(language: str, wanted: str) -> str:
    return wanted if wanted in {"ltr", "rtl"} else direction(str(locale_of(language)).replace("_", "-"))


def _description(found: Outline) -> str:
    text = " ".join(block.striptags() for block in found.head.summary)
    text = text or (found.letter.subject if found.letter else "") or found.head.headline
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return text[: _LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "\N{HORIZONTAL ELLIPSIS}"


def _about(head: Head, address: str) -> Markup:
    """Who the page is about, for search engines (schema.org); only what the page says too."""
    links = [fact.href for fact in head.profiles if fact.href.startswith("http")]
    person = {
        "@type": "Person",
        "name": head.name,
        "jobTitle": head.headline,
        "url": address,
        "sameAs": links,
    }
    text = msgspec.json.encode({"@context": "https://schema.org"} | {k: v for k, v in person.items() if v})
    # In a script element nothing is escaped, so that no `<` may be left.
    return Markup(text.decode().replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704


State = tuple[UUID, int, str]
"""A link, and all that its page depends on."""


class Kept:
    """Pages as they were made last, at most `most` bytes of them."""

    def __init__(self, most: int = 16 << 20) -> None:
        self._most, self._bytes = most, 0
        self._pages: OrderedDict[UUID, tuple[State, Made]] = OrderedDict()

    def find(self, shared: Shared) -> Made | None:
        known = self._pages.get(shared.share.id)
        if known is None or known[0] != state_of(shared):
            return None
        self._pages.move_to_end(shared.share.id)
        return known[1]

    def keep(self, shared: Shared, made: Made) -> None:
        self._drop(shared.share.id)
        self._pages[shared.share.id] = (state_of(shared), made)
        self._bytes += len(made.html)
        while self._bytes > self._most:
            self._drop(next(iter(self._pages)))

    def _drop(self, share_id: UUID) -> None:
        if (known := self._pages.pop(share_id, None)) is not None:
            self._bytes -= len(known[1].html)


def state_of(shared: Shared) -> State:
    moment = f"{shared.resume_version} {shared.updated_at.isoformat()}"
    return shared.share.id, shared.share.version, f"{shared.source} {moment}"
