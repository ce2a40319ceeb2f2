"""Who a document is from: the `basics` of JSON Resume, for resumes, letters and cards alike."""

from collections.abc import Sequence
from typing import Any

import msgspec

from processor.outlines.entries import Writing, place_text
from processor.outlines.fields import Fields, is_empty
from processor.outlines.outline import Detail, Profile
from processor.outlines.text import phone_target

_PICTURES = ("image", "picture")


class Head(msgspec.Struct, frozen=True):
    """A person as the head of a document shows them. Every part may be empty."""

    name: str
    headline: str
    summary: Sequence[str]
    contacts: Sequence[Detail]
    profiles: Sequence[Profile]
    facts: Sequence[Detail]


def read_head(content: dict[str, Any], writing: Writing) -> Head:
    """The head of a document. Every string of its `basics` is in it, but for the picture's address."""
    basics = Fields(_basics(content), writing.labels)
    for picture in _PICTURES:
        basics.take(picture)
    name = basics.text("name") or " ".join(filter(None, [basics.text("firstName"), basics.text("lastName")]))
    return Head(
        name=name,
        headline=basics.text("label", "headline", "title"),
        summary=basics.paragraphs("summary", "about", "bio"),
        contacts=_contacts(basics, writing),
        profiles=_profiles(basics, content, writing),
        facts=basics.facts(),
    )


def _basics(content: dict[str, Any]) -> dict[str, Any]:
    basics = content.get("basics")
    return basics if isinstance(basics, dict) else {"summary": basics}


def _contacts(basics: Fields, writing: Writing) -> list[Detail]:
    labels = writing.labels
    phones = [
        Detail(text, labels["phone"], phone_target(text), "phone") for text in basics.texts("phone", "tel")
    ]
    place = place_text(basics.take("location", "address"), labels)
    places = [Detail(place, labels["address"], "", "place")] if place else []
    return [
        *basics.links(labels["email"], "email", "email"),
        *phones,
        *basics.links(labels["website"], "url", "url", "website"),
        *places,
    ]


def _profiles(basics: Fields, content: dict[str, Any], writing: Writing) -> list[Profile]:
    return [
        _profile(item, writing)
        for value in (basics.take("profiles"), content.get("profiles"))
        for item in (value if isinstance(value, list) else [value])
        if not is_empty(item)
    ]


def _profile(item: Any, writing: Writing) -> Profile:
    fields = Fields(item if isinstance(item, dict) else {"url": item}, writing.labels)
    network, username = fields.text("network", "name"), fields.text("username", "user", "handle")
    urls = fields.links("", "url", "url", "website")
    if urls and username in urls[0].text:
        username = ""
    return Profile(network, username, urls[0] if urls else None, [*urls[1:], *fields.facts()])
