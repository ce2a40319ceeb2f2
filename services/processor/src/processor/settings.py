"""What the processor is told beyond what every service is."""

from common.settings import Secret, ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`smtp_url` is `smtp://[user:password@]host[:port]` (STARTTLS if offered) or `smtps://…` (TLS from the start).

    `mail_from` is the sender, `Name <address>`; `ack_wait` the seconds after which a silent worker's job is another's.
    """

    smtp_url: Secret
    mail_from: str
    render_workers: int = 2
    mail_workers: int = 4
    ack_wait: float = 30.0
