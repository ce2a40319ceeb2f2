"""Delivery to a mail server. Whoever the mail is for, no error from here names them."""

import re
import socket
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

from common.settings import Secret

TIMEOUT = 15.0
_ENHANCED = re.compile(r"5\.(?P<subject>\d{1,3})\.\d{1,3}\b")
_UNKNOWN = frozenset({550, 551, 553})


class MailUnavailable(Exception):
    """The server could not be reached, or will take the mail later (or once its operator has put something right)."""


class MailRefused(Exception):
    """The server will never take this mail."""


class NoSuchRecipient(MailRefused):
    """The server knows no such address, or none any more."""


class Server(msgspec.Struct, frozen=True):
    """Where mail goes, from `smtp://` or `smtps://`."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: Secret | None

    @classmethod
    def at(cls, url: Secret) -> "Server":
        """Raises ValueError, without the URL, for one that cannot be used."""
        address = urlsplit(url.reveal())
        if address.scheme not in {"smtp", "smtps"} or not address.hostname:
            raise ValueError("the mail server's URL must be smtp://host:port or smtps://host:port")
        tls = address.scheme == "smtps"
        return cls(
            host=address.hostname,
            port=address.port or (465 if tls else 587 if address.username else 25),
            tls=tls,
            user=unquote(address.username) if address.username else None,
            password=Secret(unquote(address.password)) if address.password else None,
        )


async def deliver(server: Server, message: EmailMessage, *, return_path: str = "") -> None:
    """Hand the message over; when this returns the server has it. Raises MailUnavailable or MailRefused.

    Bounces go to `return_path`, or to the sender without one.

    A password is never sent in the clear: with one, STARTTLS is required unless the connection is TLS already.
    """
    try:
        await aiosmtplib.send(
            message,
            sender=return_path or None,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password.reveal() if server.password else None,
            use_tls=server.tls,
            start_tls=True if server.password and not server.tls else None,
            local_hostname=socket.gethostname(),
            timeout=TIMEOUT,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        raise _outcome(refusal.code, refusal.message, "recipient") from None
    except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPRecipientRefused) as error:
        raise _outcome(error.code, error.message, "mail") from None
    except (aiosmtplib.SMTPNotSupported, UnicodeError):
        raise MailRefused("the mail server cannot write to such an address") from None
    except (
        aiosmtplib.SMTPException,
        OSError,
    ) as error:  # refusals of us (login, sender) too: the operator's to mend
        raise MailUnavailable(type(error).__name__) from None


def _outcome(code: int, said: str, what: str) -> Exception:
    """4xx passes by itself, 5xx does not (RFC 5321 section 4.2.1)."""
    if code >= 500:
        kind = NoSuchRecipient if _is_unknown(code, said, what) else MailRefused
        return kind(f"the mail server refused the {what} ({code})")
    return MailUnavailable(f"the mail server puts the {what} off ({code})")


def _is_unknown(code: int, said: str, what: str) -> bool:
    """Whether it is the address that is wrong: by the enhanced code (RFC 3463 section 3.2), which many put into each of
    their answers, or by the plain one where there is none."""
    if enhanced := _ENHANCED.match(said):
        return enhanced["subject"] == "1"
    return what == "recipient" and code in _UNKNOWN
