"""What the api service is told beyond what every service is."""

from typing import Annotated

from msgspec import Meta

from common.sealing import MasterKey
from common.settings import Secret, ServiceSettings, SettingsError


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`streams_per_user` bounds the event streams that one user may hold open at one replica; `image_size` and
    `document_size` bound an upload, `assets_total_size` and `assets_count` all that somebody has.

    The cost of hashing a link's password has OWASP's floor (SECURITY 4). `webhook_key` encrypts the secrets of webhooks.
    """

    webhook_key: Secret
    streams_per_user: int = 20
    image_size: int = 10 << 20
    document_size: int = 20 << 20
    assets_total_size: int = 200 << 20
    assets_count: int = 500
    argon2_memory_kib: Annotated[int, Meta(ge=19 * 1024)] = 64 * 1024
    argon2_time: Annotated[int, Meta(ge=2)] = 3
    argon2_parallelism: Annotated[int, Meta(ge=1)] = 4

    def __post_init__(self) -> None:
        try:
            MasterKey(self.webhook_key)
        except ValueError as error:
            raise SettingsError(f"API_WEBHOOK_KEY: {error}") from None
