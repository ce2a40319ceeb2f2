"""The composition root: everything that the SSO opens is opened and closed here."""

from datetime import timedelta

from litestar import Router

from common.edge import Edge
from common.ids import now
from common.sealing import MasterKey
from common.service import Service
from common.streams import ANALYTICS, EVENTS, JOBS
from sso.api_keys import service as api_keys
from sso.authorizations.arrivals import Arrivals
from sso.authorizations.confirmations import Confirmations
from sso.authorizations.service import Authorizations
from sso.clients import service as clients
from sso.dependencies import providers
from sso.devices.codes import UserCodes
from sso.factors.proofs import SecondFactors
from sso.factors.secrets import FactorSecrets
from sso.identities.departures import Departures
from sso.identities.providers import Providers
from sso.keys import service as keys
from sso.keys.keyring import Keyring
from sso.keys.vault import Vault
from sso.lockouts.service import Limits
from sso.logins.attempts import PasswordAttempts
from sso.logouts.deliveries import Deliveries
from sso.logouts.tokens import LogoutTokens
from sso.oauth2.issuing import TokenResponses
from sso.oauth2.server import Parts
from sso.open_endpoints import open_to_any_origin
from sso.origins import Origins
from sso.passkeys.relying_party import RelyingParty
from sso.passwords.acceptance import NewPasswords
from sso.passwords.hashing import Passwords
from sso.sessions.answers import SignInAnswers
from sso.sessions.cookies import ChallengeCookie, RefreshCookie
from sso.sessions.refreshes import Refreshes
from sso.sessions.successors import Successors
from sso.settings import Settings
from sso.surface import ROUTES
from sso.tokens.access import AccessTokens
from sso.tokens.identity import IdTokens
from sso.tokens.reading import AccessTokenReader
from sso.tokens.service import TokenEndpoints
from sso.upkeep import Upkeep


def create_app(settings: Settings) -> Edge:
    # The SSO verifies and shows tokens of its own; the lambdas, because the keys are in the service's database.
    service = Service(
        "sso",
        settings,
        package_file=__file__,
        streams=[JOBS, EVENTS, ANALYTICS],
        calls=["account"],
        keys=lambda: keyring.public(),  # noqa: PLW0108 (see above)
        tokens=lambda audience: access_tokens.for_service("sso", audience),
        api_keys=lambda key: api_keys.exchange_here(service.database, access_tokens, key),
    )
    master = MasterKey(settings.key_encryption_key)
    vault = Vault(master)
    keyring = Keyring(service.database, vault)
    access_tokens = AccessTokens(keyring, issuer=settings.issuer, ttl=settings.access_token_ttl)
    id_tokens = IdTokens(keyring, issuer=settings.issuer, ttl=settings.access_token_ttl)
    successors = Successors(master)
    oauth = Parts(issuer=settings.issuer, successors=successors)
    reader = AccessTokenReader(keyring, issuer=settings.issuer, is_revoked=service.revocations.is_revoked)
    passwords = Passwords(settings)
    factor_secrets = FactorSecrets(master)
    lockout_limits = Limits(account=settings.lockout_after, address=settings.lockout_address_after)
    new_passwords = NewPasswords(settings, passwords)
    upkeep = Upkeep(service.database, vault, events_kept=timedelta(days=settings.security_events_kept_days))
    deliveries = Deliveries(service.database, LogoutTokens(keyring, issuer=settings.issuer))
    origins = Origins(settings)
    answers = SignInAnswers(access_tokens, RefreshCookie(settings, origins), ChallengeCookie(settings))
    identity_providers = Providers(settings)
    party = RelyingParty(settings, origins)

    async def prepare() -> None:
        await keys.ensure(service.database, vault, at=now())
        async with service.database.write() as db:
            await clients.register_services(db, settings.client_secrets)
            await clients.register_first_party(db, settings.first_party_clients, public_url=settings.issuer)

    for start in (prepare, passwords.start, upkeep.start, deliveries.start):
        service.on_start(start)
    for stop in (new_passwords.close, passwords.close, upkeep.stop, deliveries.stop):
        service.on_stop(stop)

    routes = Router(
        "/",
        route_handlers=ROUTES,
        dependencies=providers(
            database=service.database,
            settings=settings,
            keyring=keyring,
            access_tokens=access_tokens,
            passwords=passwords,
            new_passwords=new_passwords,
            attempts=PasswordAttempts(service.database, passwords, settings),
            refreshes=Refreshes(service.database, successors, answers),
            oauth=oauth,
            user_codes=UserCodes(master),
            authorizations=Authorizations(
                service.database, oauth, Arrivals(master), Confirmations(master, settings.issuer), keyring
            ),
            tokens=TokenEndpoints(service.database, oauth, reader),
            token_responses=TokenResponses(access_tokens, id_tokens),
            factor_secrets=factor_secrets,
            second_factors=SecondFactors(factor_secrets, lockout_limits, party),
            identity_providers=identity_providers,
            departures=Departures(settings, identity_providers),
            party=party,
            answers=answers,
        ),
    )
    return service.app(
        prefix="/auth",
        description="Who you are: accounts, sessions and tokens.",
        routes=[routes],
        around=open_to_any_origin,
        middleware=[],  # null characters are told of on pages and in redirects, each in its own words
        state={"origins": origins, "step_up_max_age": settings.step_up_max_age},
    )
