"""The composition root: everything that the SSO opens is opened and closed here."""

from datetime import timedelta

from litestar import Router

from common.edge import Edge
from common.ids import now
from common.service import Service
from common.streams import ANALYTICS, EVENTS, JOBS
from sso.api_keys import service as api_keys
from sso.api_keys.internal_routes import router as internal_api_keys
from sso.api_keys.routes import router as api_key_routes
from sso.authorizations.arrivals import Arrivals
from sso.authorizations.confirmations import Confirmations
from sso.authorizations.pages import router as authorization_pages
from sso.authorizations.service import Authorizations
from sso.challenges.pages import router as mfa_pages
from sso.clients import service as clients
from sso.clients.routes import router as client_registry
from sso.consents.pages import router as consent_pages
from sso.consents.routes import router as consents
from sso.dependencies import providers
from sso.devices.codes import UserCodes
from sso.devices.pages import router as device_pages
from sso.devices.routes import authorize_device
from sso.factors.proofs import SecondFactors
from sso.factors.routes import get_mfa
from sso.factors.secrets import FactorSecrets
from sso.grants.routes import issue_token
from sso.identities.departures import Departures
from sso.identities.pages import router as identity_pages
from sso.identities.providers import Providers
from sso.identities.routes import list_providers
from sso.identities.routes import router as identities
from sso.identities.security_pages import router as identity_security_pages
from sso.impersonations.routes import router as impersonations
from sso.keys import service as keys
from sso.keys.keyring import Keyring
from sso.keys.vault import Vault
from sso.languages.pages import router as language_pages
from sso.lockouts.service import Limits
from sso.logins.attempts import PasswordAttempts
from sso.logins.pages import router as login_pages
from sso.logins.routes import login
from sso.logouts.deliveries import Deliveries
from sso.logouts.pages import router as logout_pages
from sso.logouts.tokens import LogoutTokens
from sso.magic_links.pages import router as magic_link_pages
from sso.magic_links.routes import router as magic_links
from sso.master_key import MasterKey
from sso.oauth2.issuing import TokenResponses
from sso.oauth2.server import Parts
from sso.open_endpoints import open_to_any_origin
from sso.origins import Origins
from sso.pages import SCRIPT
from sso.passkeys.pages import router as passkey_pages
from sso.passkeys.relying_party import RelyingParty
from sso.passkeys.routes import router as passkeys
from sso.password_resets.pages import router as password_reset_pages
from sso.password_resets.routes import router as password_resets
from sso.passwords.acceptance import NewPasswords
from sso.passwords.hashing import Passwords
from sso.passwords.routes import router as passwords_routes
from sso.recovery_codes.routes import router as recovery_codes
from sso.registrations.pages import router as registration_pages
from sso.registrations.routes import register
from sso.security_events.routes import router as security_events
from sso.security_settings.pages import router as security_pages
from sso.sessions.answers import SignInAnswers
from sso.sessions.cookies import ChallengeCookie, RefreshCookie
from sso.sessions.refreshes import Refreshes
from sso.sessions.routes import router as sessions
from sso.sessions.successors import Successors
from sso.settings import Settings
from sso.sign_ins.routes import login_mfa
from sso.step_ups.pages import router as step_up_pages
from sso.step_ups.routes import step_up
from sso.tokens.access import AccessTokens
from sso.tokens.identity import IdTokens
from sso.tokens.reading import AccessTokenReader
from sso.tokens.routes import get_user_info, introspect, post_user_info, revoke
from sso.tokens.service import TokenEndpoints
from sso.totp.routes import router as totp
from sso.upkeep import Upkeep
from sso.users.internal_routes import router as internal_users
from sso.users.routes import router as users
from sso.verifications.pages import router as verification_pages
from sso.verifications.routes import router as verifications
from sso.wellknown.routes import jwks, metadata


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
        route_handlers=[
            SCRIPT.route(), register, login, passwords_routes, password_resets, magic_links, sessions, security_events, users, verifications, verification_pages, login_pages, registration_pages, language_pages, password_reset_pages, magic_link_pages, mfa_pages, step_up_pages, security_pages, issue_token, authorization_pages,
            get_user_info, post_user_info, introspect, revoke,
            jwks, metadata, internal_users, impersonations, api_key_routes, internal_api_keys,
            list_providers, identities, identity_pages, identity_security_pages,
            login_mfa, step_up, get_mfa, totp, recovery_codes, passkeys, passkey_pages, client_registry, logout_pages, consents, consent_pages, authorize_device, device_pages,
        ],
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
    )  # fmt: skip
    return service.app(
        prefix="/auth",
        description="Who you are: accounts, sessions and tokens.",
        routes=[routes],
        around=open_to_any_origin,
        state={"origins": origins, "step_up_max_age": settings.step_up_max_age},
    )
