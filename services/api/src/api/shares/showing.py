"""What a link shows: the content, and the page that is made of it."""

import hashlib
from collections import OrderedDict
from datetime import datetime
from uuid import UUID

import msgspec
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, writing
from api.contents.snapshots import Snapshot, thaw
from api.resumes import service as resumes
from api.shares.access import Shared, is_indexed
from api.shares.reading.contact import without_contact
from api.shares.reading.dates import day, locale_of
from api.shares.reading.fields import Writing
from api.shares.reading.outline import Outline, outline
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
    """The content of a link. `look` names what pictures of it depend on beside that: template and options."""

    snapshot: Snapshot
    title: str
    language: str
    look: str
    changed_at: datetime


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A page, whose resume it is, and the name of the picture that belongs to it."""

    html: bytes
    name: str
    card: str


async def read(db: AsyncSession, shared: Shared) -> Shown:
    """What the link shows: never what its owner hides. Raises VersionNotFound, ResumeNotFound."""
    share = shared.share
    resume = await resumes.get(db, share.resume_id, owner_id=share.owner_id)
    look = f"{resume.template} {resume.template_version} {codec.canonical(resume.settings).decode()}"
    if share.version_id is None:
        snapshot, title, language = await writing.read(db, resume), resume.title, resume.language
        changed_at = resume.updated_at
    else:
        version = await versions.with_content(db, share.version_id, owner_id=share.owner_id)
        if version is None:
            raise version_service.VersionNotFound
        snapshot, title, language = thaw(version.content, version.layout), version.title, version.language
        changed_at = version.created_at
    return Shown(
        snapshot=snapshot if share.show_contact else without_contact(snapshot),
        title=title,
        language=language,
        look=look,
        changed_at=changed_at,
    )


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What `templates/resume.html` is made of."""

    language: str
    direction: str
    is_foreign: bool
    title: str
    description: str
    indexable: bool
    address: str
    picture: str
    pdf: str
    comments: str
    changed: str
    about: Markup | None
    outline: Outline


def make(shared: Shared, shown: Shown, *, public_url: str) -> Made:
    """The page of a link. It takes some milliseconds of pure computing: not for the event loop."""
    share, words = shared.share, PAGES.languages.choose(shown.language)
    writing_ = Writing(shown.language, lambda text: PAGES.languages.translate(words, text))
    found = outline(shown.snapshot, writing_)
    name = found.name or shown.title
    card = hashlib.sha256(
        msgspec.json.encode([found.name, found.headline, shown.title, shown.language, shown.look])
    ).hexdigest()[:32]
    address = f"{public_url}/r/{share.slug}"
    page = Head(
        language=shown.language,
        direction=_direction(shown.language, shared.direction),
        is_foreign=words.split("-")[0] != shown.language.lower().split("-")[0],
        title=f"{name} \N{EN DASH} {found.headline}" if found.headline else name,
        description=_description(found),
        indexable=is_indexed(share),
        address=address,
        picture=f"{address}/og.png?v={card}",
        pdf=_pdf(shared),
        comments=f"/r/{share.slug}/comments" if share.allow_comments else "",
        changed=day(shown.changed_at, words),
        about=_about(found, name, address) if is_indexed(share) else None,
        outline=found,
    )
    html = PAGES.render("resume.html", words, page=page)
    return Made(html=html.encode(), name=name, card=card)


def _pdf(shared: Shared) -> str:
    share = shared.share
    if not share.allow_download:
        return ""
    return f"/r/{share.slug}/resume.pdf" + (f"?pass={THIS_VISIT}" if share.max_views is not None else "")


def _direction(language: str, wanted: str) -> str:
    return wanted if wanted in {"ltr", "rtl"} else direction(str(locale_of(language)).replace("_", "-"))


def _description(found: Outline) -> str:
    text = " ".join(block.striptags() for block in found.summary) or found.headline
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return text[: _LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "\N{HORIZONTAL ELLIPSIS}"


def _about(found: Outline, name: str, address: str) -> Markup:
    """Who the page is about, for search engines (schema.org); only what the page says too."""
    links = [fact.href for fact in found.profiles if fact.href.startswith("http")]
    person = {"@type": "Person", "name": name, "jobTitle": found.headline, "url": address, "sameAs": links}
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
