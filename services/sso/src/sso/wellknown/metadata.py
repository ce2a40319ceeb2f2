"""What this server offers (OpenID Connect Discovery 1.0 section 3; RFC 8414 section 2), and nothing else."""

import msgspec

from common.auth import INTERNAL_SCOPE, MULTI_FACTOR, SINGLE_FACTOR
from sso.grants.service import GRANT_TYPES
from sso.oauth2.assertions import ALGORITHMS
from sso.oauth2.client_authentication import METHODS, WITH_PROOF
from sso.scopes import SCOPES
from sso.tokens.identity import ALGORITHM

CLAIMS = [
    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid",
    "name", "locale", "updated_at", "email", "email_verified",
]  # fmt: skip
"""In ID tokens, and at userinfo."""


class Metadata(msgspec.Struct, kw_only=True, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    introspection_endpoint: str
    revocation_endpoint: str
    device_authorization_endpoint: str
    end_session_endpoint: str
    jwks_uri: str
    service_documentation: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    prompt_values_supported: list[str]
    acr_values_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    claims_supported: list[str]
    ui_locales_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool = True
    backchannel_logout_supported: bool = True
    backchannel_logout_session_supported: bool = True
    claims_parameter_supported: bool = False
    request_parameter_supported: bool = False
    request_uri_parameter_supported: bool = False
    require_request_uri_registration: bool = False


def of(issuer: str, *, languages: list[str]) -> Metadata:
    return Metadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/oauth2/authorize",
        token_endpoint=f"{issuer}/oauth2/token",
        userinfo_endpoint=f"{issuer}/oauth2/userinfo",
        introspection_endpoint=f"{issuer}/oauth2/introspect",
        revocation_endpoint=f"{issuer}/oauth2/revoke",
        device_authorization_endpoint=f"{issuer}/oauth2/device_authorization",
        end_session_endpoint=f"{issuer}/oauth2/logout",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        service_documentation=f"{issuer}/auth/docs",
        scopes_supported=[*SCOPES, INTERNAL_SCOPE],
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=GRANT_TYPES,
        prompt_values_supported=["none", "login", "consent", "select_account"],
        acr_values_supported=[SINGLE_FACTOR, MULTI_FACTOR],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        token_endpoint_auth_methods_supported=METHODS,
        token_endpoint_auth_signing_alg_values_supported=ALGORITHMS,
        introspection_endpoint_auth_methods_supported=WITH_PROOF,
        introspection_endpoint_auth_signing_alg_values_supported=ALGORITHMS,
        revocation_endpoint_auth_methods_supported=METHODS,
        revocation_endpoint_auth_signing_alg_values_supported=ALGORITHMS,
        claims_supported=CLAIMS,
        ui_locales_supported=languages,
        code_challenge_methods_supported=["S256"],
    )
