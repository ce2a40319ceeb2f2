"""What the processor is told beyond what every service is."""

from typing import Annotated

from msgspec import Meta

from common.settings import Secret, ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`render_workers` processes render jobs, and one more what people wait for; a document takes at most `render_timeout`
    seconds and `render_memory` bytes.

    `smtp_url` is `smtp://[user:password@]host[:port]` (STARTTLS if offered) or `smtps://…` (TLS from the start).

    `mail_from` is the sender, `Name <address>`; `ack_wait` the seconds after which a silent worker's job is another's.
    """

    smtp_url: Secret
    mail_from: str
    render_workers: Annotated[int, Meta(ge=1)] = 2
    render_timeout: Annotated[float, Meta(gt=0)] = 20.0
    render_memory: Annotated[int, Meta(ge=128 << 20)] = 512 << 20
    mail_workers: int = 4
    ack_wait: float = 30.0
