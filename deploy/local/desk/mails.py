"""Reads the mails in the folder. Whatever is in them was written by strangers: nothing here trusts it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-\d+")
MOST_LISTED = 200
LINK = re.compile(r"https?://[^\s<>\"'()\[\]]+[^\s<>\"'()\[\].,;:!?]")


@dataclass(frozen=True)
class Mail:
    """One mail as the pages show it. `html` is None when it has no HTML part."""

    name: str
    received: datetime
    subject: str
    sender: str
    recipient: str
    text: str
    html: str | None
    attachments: list[str]

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The text cut into pieces, each with whether it is a link."""
        pieces, at = [], 0
        for match in LINK.finditer(self.text):
            pieces += [(self.text[at : match.start()], False), (match.group(), True)]
            at = match.end()
        return [*pieces, (self.text[at:], False)]


def newest(folder: Path) -> list[Mail]:
    """The mails, newest first, no more than `MOST_LISTED`."""
    names = sorted((path.stem for path in folder.glob("*.eml") if NAME.fullmatch(path.stem)), reverse=True)
    return [mail for name in names[:MOST_LISTED] if (mail := find(folder, name))]


def find(folder: Path, name: str) -> Mail | None:
    """The mail of that name. `name` may come from an address bar: nothing but a mail's own name finds a file."""
    raw = read(folder, name)
    if raw is None:
        return None
    message = message_from_bytes(raw, policy=policy.default)
    return Mail(
        name=name,
        received=datetime.strptime(name.split("-")[0], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC),
        subject=_header(message, "subject") or "(no subject)",
        sender=_header(message, "from"),
        recipient=_header(message, "to") or ", ".join(message.get_all("x-envelope-to", [])),
        text=_part(message, "plain") or "",
        html=_part(message, "html"),
        attachments=[part.get_filename() or part.get_content_type() for part in message.iter_attachments()],
    )


def read(folder: Path, name: str) -> bytes | None:
    """The mail as it arrived."""
    if not NAME.fullmatch(name):
        return None
    try:
        return (folder / f"{name}.eml").read_bytes()
    except OSError:
        return None


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # noqa: BLE001 (the standard library raises all sorts of things on malformed headers)
        return "(unreadable)"


def _part(message: EmailMessage, kind: str) -> str | None:
    try:
        part = message.get_body((kind,))
        return None if part is None else str(part.get_content())
    except Exception:  # noqa: BLE001 (as above, on unknown character sets and transfer encodings)
        return "(unreadable; see the raw mail)"
