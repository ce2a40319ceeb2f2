"""A letter as an RFC 5322 message. Python's `EmailMessage` refuses line breaks in headers, so nothing can be injected.

It is ready to be signed by a relay (DKIM, RFC 6376): one of each header, all in ASCII, no line that a server would break.
"""

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from uuid import UUID

from processor.mails.letters import PRODUCT, Letter
from processor.mails.values import UnusableLetter

_LONGEST_ADDRESS = 254
_LONGEST_LINE = 998


class _Whole(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]  # (as typeshed has them)
    """A header on one line. Python would fold a long address by encoding parts of it, which nobody could follow."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def compose(
    letter: Letter,
    *,
    job_id: UUID,
    sender: str,
    to: str,
    at: datetime,
    reply_to: str = "",
    unsubscribe: str = "",
) -> EmailMessage:
    """The whole message. Its id follows from the job, so that receivers know a second copy as one. `unsubscribe` is the
    address that unsubscribes by one POST.

    Raises UnusableLetter if `to` is not one address.
    """
    name, address = parseaddr(sender)
    message = EmailMessage(_POLICY)
    message["From"] = Address(name or PRODUCT, addr_spec=address)
    if reply_to:
        message["Reply-To"] = reply_to
    message["To"] = recipient(to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{job_id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1
    message.set_content(letter.text, cte=_encoding(letter.text))
    message.add_alternative(letter.html, subtype="html", cte=_encoding(letter.html))
    message["Content-Language"] = (
        letter.language
    )  # at the end: content headers go to the part that is set next
    return message


def _encoding(text: str) -> str:
    """Text that can go as it is does, so that links stay whole for whoever reads the source; RFC 5322 section 2.1.1."""
    plain = text.isascii() and all(len(line) <= _LONGEST_LINE for line in text.splitlines())
    return "7bit" if plain else "quoted-printable"


def recipient(to: str) -> Address:
    """`to` as one bare address, its domain in ASCII (IDNA)."""
    try:
        address = Address(addr_spec=to)
        domain = address.domain.encode("idna").decode()
    except (ValueError, IndexError, HeaderParseError) as error:  # the last two: what its parser raises
        raise UnusableLetter("the recipient is not an address") from error
    if not address.username or not domain or len(to) > _LONGEST_ADDRESS:
        raise UnusableLetter("the recipient is not an address")
    return Address(username=address.username, domain=domain)
