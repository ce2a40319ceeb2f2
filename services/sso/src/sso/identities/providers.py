"""The other providers that people can sign in with here, by the settings."""

from sso.identities.github import GitHubProvider
from sso.identities.openid import OpenIdProvider
from sso.identities.problems import ProviderNotFound
from sso.identities.schemas import ProviderRead
from sso.identities.upstream import Upstream
from sso.settings import Settings

Provider = OpenIdProvider | GitHubProvider


class Providers:
    def __init__(self, settings: Settings) -> None:
        self._found: dict[str, Provider] = {}
        for provider in settings.identity_providers:
            redirect_uri = f"{settings.issuer}/auth/oauth/{provider.id}/callback"
            upstream = Upstream(provider, redirect_uri=redirect_uri, timeout=settings.provider_timeout)
            kind = GitHubProvider if provider.kind == "github" else OpenIdProvider
            self._found[provider.id] = kind(provider, upstream)

    def listed(self) -> list[ProviderRead]:
        """Every provider as a login page shows it, in the order of the settings."""
        return [ProviderRead(id=found, name=self.name(found)) for found in self._found]

    def get(self, provider_id: str) -> Provider:
        """Raises ProviderNotFound."""
        try:
            return self._found[provider_id]
        except KeyError:
            raise ProviderNotFound from None

    def name(self, provider_id: str) -> str:
        """What people call the provider; its id where the settings know it no more."""
        found = self._found.get(provider_id)
        return found.settings.name if found is not None else provider_id
