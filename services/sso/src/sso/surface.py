"""Every route of the SSO, by whom it is for."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from sso.api_keys.internal_routes import router as internal_api_keys
from sso.api_keys.routes import router as api_key_routes
from sso.authorizations.pages import router as authorization_pages
from sso.challenges.pages import router as mfa_pages
from sso.clients.routes import router as client_registry
from sso.consents.pages import router as consent_pages
from sso.consents.routes import router as consents
from sso.devices.pages import router as device_pages
from sso.devices.routes import authorize_device
from sso.factors.routes import get_mfa
from sso.grants.routes import issue_token
from sso.identities.pages import router as identity_pages
from sso.identities.routes import list_providers
from sso.identities.routes import router as identities
from sso.identities.security_pages import router as identity_security_pages
from sso.impersonations.routes import router as impersonations
from sso.languages.pages import router as language_pages
from sso.logins.pages import router as login_pages
from sso.logins.routes import login
from sso.logouts.pages import router as logout_pages
from sso.magic_links.pages import router as magic_link_pages
from sso.magic_links.routes import router as magic_links
from sso.pages import SCRIPT
from sso.passkeys.pages import router as passkey_pages
from sso.passkeys.routes import router as passkeys
from sso.password_resets.pages import router as password_reset_pages
from sso.password_resets.routes import router as password_resets
from sso.passwords.routes import router as passwords_routes
from sso.recovery_codes.routes import router as recovery_codes
from sso.registrations.pages import router as registration_pages
from sso.registrations.routes import register
from sso.security_events.routes import router as security_events
from sso.security_settings.pages import router as security_pages
from sso.sessions.routes import router as sessions
from sso.sign_ins.routes import login_mfa
from sso.step_ups.pages import router as step_up_pages
from sso.step_ups.routes import step_up
from sso.tokens.routes import get_user_info, introspect, post_user_info, revoke
from sso.totp.routes import router as totp
from sso.users.internal_routes import router as internal_users
from sso.users.routes import router as users
from sso.verifications.pages import router as verification_pages
from sso.verifications.routes import router as verifications
from sso.wellknown.routes import jwks, metadata

ACCOUNTS: Sequence[ControllerRouterHandler] = (
    register,
    login,
    login_mfa,
    passwords_routes,
    password_resets,
    magic_links,
    verifications,
    users,
    sessions,
    security_events,
)
"""Accounts, ways to sign in, sessions."""

FACTORS: Sequence[ControllerRouterHandler] = (
    step_up,
    get_mfa,
    totp,
    recovery_codes,
    passkeys,
)
"""Second factors, passkeys, and showing them again."""

OTHERS_LOGINS: Sequence[ControllerRouterHandler] = (
    list_providers,
    identities,
)
"""Sign-ins at other providers."""

OPENID: Sequence[ControllerRouterHandler] = (
    authorization_pages,
    issue_token,
    get_user_info,
    post_user_info,
    introspect,
    revoke,
    authorize_device,
    client_registry,
    consents,
    api_key_routes,
    jwks,
    metadata,
)
"""The OpenID provider: what apps and programs talk to."""

PAGES: Sequence[ControllerRouterHandler] = (
    SCRIPT.route(),
    login_pages,
    registration_pages,
    verification_pages,
    password_reset_pages,
    magic_link_pages,
    mfa_pages,
    passkey_pages,
    identity_pages,
    step_up_pages,
    security_pages,
    identity_security_pages,
    consent_pages,
    device_pages,
    logout_pages,
    language_pages,
)
"""The hosted pages."""

INTERNAL: Sequence[ControllerRouterHandler] = (
    internal_users,
    impersonations,
    internal_api_keys,
)
"""For the other services alone; the gateway never routes here."""

ROUTES = (*ACCOUNTS, *FACTORS, *OTHERS_LOGINS, *OPENID, *PAGES, *INTERNAL)
