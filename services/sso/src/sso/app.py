"""The composition root: everything that the SSO opens is opened and closed here."""

from litestar import Router

from common.edge import Edge
from common.ids import now
from common.service import Service
from common.streams import ANALYTICS, EVENTS, JOBS
from sso.api_keys import service as api_keys
from sso.api_keys.internal_routes import router as internal_api_keys
from sso.api_keys.routes import router as api_key_routes
from sso.clients import registry
from sso.clients import service as clients
from sso.clients.registry_routes import router as client_registry
from sso.clients.routes import issue_token
from sso.dependencies import providers
from sso.factors.proofs import SecondFactors
from sso.factors.routes import get_mfa
from sso.factors.secrets import FactorSecrets
from sso.impersonations.routes import router as impersonations
from sso.keys import service as keys
from sso.keys.keyring import Keyring
from sso.keys.vault import Vault
from sso.lockouts.service import Limits
from sso.logins.attempts import PasswordAttempts
from sso.logins.routes import login
from sso.magic_links.routes import router as magic_links
from sso.master_key import MasterKey
from sso.origins import Origins
from sso.password_resets.routes import router as password_resets
from sso.passwords.acceptance import NewPasswords
from sso.passwords.hashing import Passwords
from sso.passwords.routes import router as passwords_routes
from sso.recovery_codes.routes import router as recovery_codes
from sso.registrations.routes import register
from sso.security_events.routes import router as security_events
from sso.sessions.answers import SignInAnswers
from sso.sessions.cookies import ChallengeCookie, RefreshCookie
from sso.sessions.routes import router as sessions
from sso.sessions.successors import Successors
from sso.settings import Settings
from sso.sign_ins.routes import login_mfa
from sso.step_ups.routes import step_up
from sso.tokens.access import AccessTokens
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
    passwords = Passwords(settings)
    factor_secrets = FactorSecrets(master)
    lockout_limits = Limits(account=settings.lockout_after, address=settings.lockout_address_after)
    new_passwords = NewPasswords(settings, passwords)
    upkeep = Upkeep(service.database, vault)
    origins = Origins(settings)

    async def prepare() -> None:
        await keys.ensure(service.database, vault, at=now())
        async with service.database.write() as db:
            await clients.register_services(db, settings.client_secrets)
            await registry.register_first_party(db, settings.first_party_clients)

    for start in (prepare, passwords.start, upkeep.start):
        service.on_start(start)
    for stop in (new_passwords.close, passwords.close, upkeep.stop):
        service.on_stop(stop)

    routes = Router(
        "/",
        route_handlers=[
            register, login, passwords_routes, password_resets, magic_links, sessions, security_events, users, verifications, verification_pages, issue_token,
            jwks, metadata, internal_users, impersonations, api_key_routes, internal_api_keys,
            login_mfa, step_up, get_mfa, totp, recovery_codes, client_registry,
        ],
        dependencies=providers(
            database=service.database,
            settings=settings,
            keyring=keyring,
            access_tokens=access_tokens,
            passwords=passwords,
            new_passwords=new_passwords,
            attempts=PasswordAttempts(service.database, passwords, settings),
            successors=Successors(master),
            factor_secrets=factor_secrets,
            second_factors=SecondFactors(factor_secrets, lockout_limits),
            answers=SignInAnswers(access_tokens, RefreshCookie(settings, origins), ChallengeCookie(settings)),
        ),
    )  # fmt: skip
    return service.app(
        prefix="/auth",
        description="Who you are: accounts, sessions and tokens.",
        routes=[routes],
        state={"origins": origins, "step_up_max_age": settings.step_up_max_age},
    )
