"""A resume without the ways to reach its writer: e-mail, telephone and address, wherever they usually stand."""

import re
from typing import Any

import msgspec

from api.contents import codec
from api.contents.snapshots import Snapshot

# What may stay of `basics`. What nobody knows the meaning of may be a telephone number under another name.
_KEPT = frozenset(
    {"name", "firstName", "lastName", "label", "headline", "title", "summary", "about", "bio", "pronouns"}
    | {"image", "picture", "photo", "url", "website"}
)
_OF_PLACES = frozenset({"city", "region", "state", "country", "countryCode"})
_CONTACT = re.compile(
    r"(?:e_?-?mails?|(?:tele)?phones?|tel|mobile|fax|contacts?(?:_?info(?:rmation)?|_?details)?|address(?:es)?|location|meta)",
    re.IGNORECASE,
)
# Addresses are looked for from their @, not from each letter that may begin one.
_REACHES = re.compile(
    r"mailto:|tel:|sms:|(?<=[^@\s])@[^@\s]+\.[^@\s]|wa\.me/|^[\s+\d().-]{6,}$", re.IGNORECASE
)


def without_contact(snapshot: Snapshot) -> Snapshot:
    """What `snapshot` says but how to reach whom it is about. Texts that the writer wrote are not searched."""
    extra = {
        name: _profiles(value) if name == "profiles" else value
        for name, value in codec.decode(snapshot.extra).items()
        if not _CONTACT.fullmatch(name)
    }
    sections = [
        msgspec.structs.replace(section, items=[item for item in section.items if not _reaches(item.data)])
        if section.name == "profiles"
        else section
        for section in snapshot.sections
        if not _CONTACT.fullmatch(section.name) and not _CONTACT.fullmatch(section.kind)
    ]
    names = {section.name for section in sections} | set(extra) | {"basics"}
    basics = _basics(codec.decode(snapshot.basics)) if snapshot.basics else {}
    return Snapshot(
        members=[name for name in snapshot.members if name in names],
        basics=_text(basics) if "basics" in snapshot.members else None,
        extra=_text(extra),
        sections=sections,
    )


def _basics(basics: Any) -> dict[str, Any]:
    if not isinstance(basics, dict):
        return {}
    left = {name: value for name, value in basics.items() if name in _KEPT}
    for name in ("url", "website"):
        if name in left and _reaches(left[name]):
            del left[name]
    if isinstance(where := basics.get("location"), dict):
        left["location"] = {name: value for name, value in where.items() if name in _OF_PLACES}
    if "profiles" in basics:
        left["profiles"] = _profiles(basics["profiles"])
    return left


def _profiles(profiles: Any) -> list[Any]:
    """Accounts on networks, but not those that are a telephone number or an e-mail address."""
    return [item for item in (profiles if isinstance(profiles, list) else [profiles]) if not _reaches(item)]


def _reaches(value: Any) -> bool:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack += node.values()
        elif isinstance(node, list):
            stack += node
        elif _REACHES.search(str(node)):
            return True
    return False


def _text(value: Any) -> str:
    return codec.encode(value).decode()
