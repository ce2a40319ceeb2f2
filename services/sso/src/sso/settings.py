"""The settings of the SSO: `SSO_…` in the environment."""

from typing import Annotated

import msgspec
from msgspec import Meta

from common.sealing import MasterKey
from common.settings import Secret, ServiceSettings, SettingsError
from sso.clients import rules
from sso.clients.front_ends import front_ends
from sso.clients.schemas import FirstPartyClient
from sso.identities import configuration
from sso.identities.configuration import ProviderSettings

SERVICES = ("sso", "api", "account", "admin", "processor")
"""Every service of the platform: who may ask for a service token, and for whom."""

OUR_CLIENTS = ("resumax", "support")
"""The clients of sessions that nobody registered: of signing in with us, and of staff who act for somebody."""


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Sizes in KiB where they say so, times in seconds. The Argon2id floor is OWASP's (SECURITY 4)."""

    key_encryption_key: Secret
    service_clients: Secret
    argon2_memory_kib: Annotated[int, Meta(ge=19 * 1024)] = 64 * 1024
    argon2_time: Annotated[int, Meta(ge=2)] = 3
    argon2_parallelism: Annotated[int, Meta(ge=1)] = 4
    argon2_concurrency: Annotated[int, Meta(ge=0)] = 0  # 0: as many as there are cores
    password_min_length: Annotated[int, Meta(ge=12, le=64)] = 12
    breached_passwords_url: Annotated[str, Meta(pattern=r"^(https?://\S+)?$")] = ""
    lockout_after: Annotated[int, Meta(ge=1)] = 5
    # One address may be that of a whole office, so it takes more to lock it.
    lockout_address_after: Annotated[int, Meta(ge=1)] = 20
    # How long ago somebody may have been authenticated who changes what protects their account.
    step_up_max_age: Annotated[int, Meta(ge=60, le=86400)] = 900
    # Services remember a revocation for 15 minutes, which must outlive every access token.
    access_token_ttl: Annotated[int, Meta(ge=60, le=600)] = 600
    security_events_kept_days: Annotated[int, Meta(ge=90, le=3650)] = 400
    staff_email: str = "admin@resumax.local"
    first_party_clients: dict[str, FirstPartyClient] = msgspec.field(default_factory=front_ends)
    providers: Secret = Secret("{}")
    provider_timeout: Annotated[float, Meta(gt=0, le=30)] = 5.0

    def __post_init__(self) -> None:
        try:
            MasterKey(self.key_encryption_key)
        except ValueError as error:
            raise SettingsError(f"SSO_KEY_ENCRYPTION_KEY: {error}") from None
        unknown = self.client_secrets.keys() - set(SERVICES)
        if unknown:
            raise SettingsError(f"SSO_SERVICE_CLIENTS names unknown services: {', '.join(sorted(unknown))}")
        mistakes = rules.mistakes_of_settings(self.first_party_clients, taken=(*SERVICES, *OUR_CLIENTS))
        if said := "; ".join(mistakes):
            raise SettingsError(f"SSO_FIRST_PARTY_CLIENTS: {said}")
        configuration.parse(self.providers.reveal(), is_production=self.environment == "production")

    @property
    def client_secrets(self) -> dict[str, str]:
        """The secret of each service by its name."""
        try:
            return msgspec.json.decode(self.service_clients.reveal(), type=dict[str, str])
        except msgspec.DecodeError:
            # Without the cause, which could quote the secrets.
            raise SettingsError("SSO_SERVICE_CLIENTS is not a JSON object of name and secret") from None

    @property
    def identity_providers(self) -> list[ProviderSettings]:
        """The other providers that people can sign in with."""
        return configuration.parse(self.providers.reveal(), is_production=self.environment == "production")
