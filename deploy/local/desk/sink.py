"""A mail server that delivers nothing: every message becomes a file, for people and tests to read."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Writes each message to `<time>-<n>.eml` in `folder`; the names sort by time of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Accept the message only once it is whole in the folder: a reader never sees half of it."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{next(self._numbers):04}.eml"
        draft = self._folder / f".{name}"
        try:
            draft.write_bytes(_with_envelope(envelope))
            draft.rename(self._folder / name)
        except OSError:
            draft.unlink(missing_ok=True)
            return "452 4.3.1 No room to keep the message; try again later"
        return "250 2.0.0 Kept"


def _with_envelope(envelope: Envelope) -> bytes:
    """The message under headers that tell who it was really for, blind copies too."""
    lines = [f"X-Envelope-From: {envelope.mail_from}", *(f"X-Envelope-To: {to}" for to in envelope.rcpt_tos)]
    content = envelope.original_content or b""
    return "".join(f"{line}\r\n" for line in lines).encode() + content
