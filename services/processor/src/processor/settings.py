"""What the processor is told beyond what every service is."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from common.sealing import MasterKey
from common.settings import Secret, ServiceSettings, SettingsError
from processor.mails.kinds import ALLOWANCES, Allowance, Category


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`render_jobs` are done at once, so that while some are fetched or stored the others are rendered.
    `render_workers` processes render jobs, and one more what people wait for; a document takes at most `render_timeout`
    seconds, `interactive_timeout` if somebody waits for it, and `render_memory` bytes. `chromium` is the program of the
    browser that HTML templates need, empty to search for one; it prints `browser_pages` at a time, each in at most
    `browser_timeout` seconds, holds at most `browser_memory` bytes while it does, and is closed after `browser_idle`.

    `smtp_url` is `smtp://[user:password@]host[:port]` (STARTTLS if offered) or `smtps://…` (TLS from the start).

    `mail_from` is the sender, `Name <address>`; `ack_wait` the seconds after which a silent worker's job is another's.
    `mail_key` signs the links to unsubscribe and hides recipients in the log; `mail_return_path` is where bounces go;
    `mail_limits` replaces what a recipient may get of a category; `mail_bounces` refusals in a row are the last.
    `webhook_timeout` is the seconds that an endpoint has to answer; `webhooks_allow_private` lets one be anywhere.

    Templates are uploaded by `template_uploads`: `staff` alone, or `users` too, each for themselves. Of staff those publish to
    everybody, and see and retire what others uploaded, who have one of the roles `template_publishers`. A document with one
    takes at most `template_timeout` seconds and `template_memory` bytes.

    Jobs beyond `queue_limit` wait in the stream; one that has ended is known for `jobs_kept_days`.
    """

    smtp_url: Secret
    mail_from: str
    mail_key: Secret
    mail_reply_to: str = ""
    mail_return_path: str = ""
    mail_limits: dict[Category, Allowance] = msgspec.field(default_factory=dict)
    mail_bounces: Annotated[int, Meta(ge=1)] = 2
    mail_log_kept_days: Annotated[int, Meta(ge=1, le=3650)] = 400
    render_workers: Annotated[int, Meta(ge=1)] = 2
    render_jobs: Annotated[int, Meta(ge=1)] = 4
    render_timeout: Annotated[float, Meta(gt=0)] = 20.0
    interactive_timeout: Annotated[float, Meta(gt=0)] = 5.0
    render_memory: Annotated[int, Meta(ge=128 << 20)] = 512 << 20
    chromium: str = ""
    browser_pages: Annotated[int, Meta(ge=1)] = 2
    browser_timeout: Annotated[float, Meta(gt=0)] = 15.0
    browser_memory: Annotated[int, Meta(ge=256 << 20)] = 700 << 20
    browser_idle: Annotated[float, Meta(gt=0)] = 600.0
    template_uploads: Literal["staff", "users"] = "staff"
    template_publishers: list[str] = msgspec.field(default_factory=lambda: ["superadmin"])
    template_timeout: Annotated[float, Meta(gt=0)] = 10.0
    template_memory: Annotated[int, Meta(ge=128 << 20)] = 256 << 20
    mail_workers: int = 4
    ack_wait: float = 30.0
    queue_limit: Annotated[int, Meta(ge=1)] = 100_000
    jobs_kept_days: Annotated[int, Meta(ge=1, le=3650)] = 30

    webhook_workers: int = 4
    webhook_timeout: Annotated[float, Meta(gt=0, le=60)] = 10.0
    webhooks_allow_private: bool = False

    def __post_init__(self) -> None:
        if self.webhooks_allow_private and self.environment == "production":
            raise SettingsError(
                "PROCESSOR_WEBHOOKS_ALLOW_PRIVATE: production sends nothing to its own network"
            )
        try:
            MasterKey(self.mail_key)
        except ValueError as error:
            raise SettingsError(f"PROCESSOR_MAIL_KEY: {error}") from None

    @property
    def mail_allowances(self) -> dict[Category, Allowance]:
        """What one recipient may get, of each category."""
        return ALLOWANCES | self.mail_limits
