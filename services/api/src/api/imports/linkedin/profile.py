"""The tables that are about the person: profile, e-mail addresses, phone numbers."""

import re

from api.imports.drafts import Draft, Entry
from api.imports.reading import Reader

_TYPED = re.compile(r"(?:(?P<type>[A-Z_ ]+):)?(?P<value>\S.*)", re.DOTALL)
_TEXTS = {
    "Headline": "label",
    "Summary": "summary",
    "Industry": "industry",
    "Maiden Name": "maidenName",
    "Birth Date": "birthDate",
}


def read(rows: Reader, name: str, draft: Draft) -> None:
    if name == "profile.csv":
        for row in rows.all():
            _read_profile(row, draft.basics)
    elif name.startswith("email"):
        _read_emails(rows.all(), draft.basics)
    else:
        _read_phones(rows.all(), draft.basics)


def _read_profile(row: Reader, basics: Entry) -> None:
    said = Entry()
    said.put("name", " ".join(filter(None, [row.text("First Name"), row.text("Last Name")])))
    for column, member in _TEXTS.items():
        said.put(member, row.text(column))
    said.put("location", _location(row))
    websites = _typed(row.text("Websites"))
    if websites:
        kind, address = websites[0]
        said.put("url", address)
        said.put("urlLabel", kind)
    profiles = [_profile("Twitter", username=handle) for _, handle in _typed(row.text("Twitter Handles"))]
    profiles += [_profile(kind, url=address) for kind, address in websites[1:]]
    profiles += [_profile(kind, username=name) for kind, name in _typed(row.text("Instant Messengers"))]
    if address := row.text("Public Profile URL", "Public Profile Url"):
        profiles.append(_profile("LinkedIn", url=address))
    said.put("profiles", profiles)
    said.add(row.rest())
    basics.add(said)


def _location(row: Reader) -> Entry:
    location = Entry()
    location.put("address", row.text("Address"))
    location.put("postalCode", row.text("Zip Code"))
    # `Dublin, Leinster, Ireland`: which part is what differs from country to country.
    location.put("region" if location else "address", row.text("Geo Location", "Location"))
    return location


def _typed(written: str) -> list[tuple[str, str]]:
    """`[PORTFOLIO:https://a.example,BLOG:https://b.example]` as pairs; a comma without a kind after it is of the value."""
    inner = written.strip().removeprefix("[").removesuffix("]")
    parts = re.split(r",(?=[A-Z_ ]+:|@?\w+(?:,|$))", inner)
    found = [match for part in parts if (match := _TYPED.fullmatch(part.strip()))]
    return [((match["type"] or "").strip().capitalize(), match["value"].strip()) for match in found]


def _profile(network: str, *, username: str = "", url: str = "") -> Entry:
    profile = Entry()
    profile.put("network", network)
    profile.put("username", username)
    profile.put("url", url)
    return profile


def _read_emails(rows: list[Reader], basics: Entry) -> None:
    """The primary address first; which one that is needs no other word."""
    ordered = sorted(rows, key=lambda row: not _is_primary(row))
    addresses = [address for row in ordered if (address := row.text("Email Address"))]
    basics.put("email", next(iter(addresses), ""))
    basics.put("emails", addresses[1:])


def _is_primary(row: Reader) -> bool:
    said = row.get("Primary")
    return str(said.value).strip().casefold() in ("yes", "no") and said.text().casefold() == "yes"


def _read_phones(rows: list[Reader], basics: Entry) -> None:
    numbers = []
    for row in rows:
        number, extension = row.text("Number"), row.text("Extension")
        numbers.append(f"{number} ext. {extension}" if number and extension else number or extension)
    numbers = [number for number in numbers if number]
    basics.put("phone", next(iter(numbers), ""))
    basics.put("phones", numbers[1:])
