"""What the client registry takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field, to_builtins
from msgspec.json import decode, encode

from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema
from common.tokens import PLATFORM_SCOPE
from sso.clients.models import OAuthClient
from sso.scopes import OFFLINE_ACCESS, OPENID

AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS = (
    "authorization_code",
    "refresh_token",
    "client_credentials",
)
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"

ClientKind = Literal["public", "confidential"]
AuthMethod = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
]
PUBLIC_URL = "{public}"
_GRANTS: list[GrantType] = ["authorization_code", "refresh_token"]
ClientName = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=NO_CONTROL_CHARACTERS, examples=["Ada's career board"])
]
Uris = Annotated[list[str], Meta(max_length=20, examples=[["https://app.example.org/callback"]])]
Scopes = Annotated[list[str], Meta(max_length=20, examples=[["openid", "resumes:read"]])]
_KIND = Meta(
    description="`confidential` can keep a secret, `public` cannot: apps on phones and in browsers",
    examples=["confidential"],
)
_METHOD = Meta(
    description="How the client proves itself; `client_secret_basic` for a confidential one unless told"
)
_JWKS = Meta(description="Public RSA and EC keys (RFC 7517), for `private_key_jwt`")
_FIRST_PARTY = Meta(description="One of the platform's own: nobody is asked for consent")


class ClientCreate(Command, frozen=True, kw_only=True):
    """An app that people sign in to through us."""

    name: ClientName
    kind: Annotated[ClientKind, _KIND]
    auth_method: Annotated[AuthMethod | None, _METHOD] = None
    jwks: Annotated[dict[str, Any] | None, _JWKS] = None
    redirect_uris: Uris = field(default_factory=list)
    post_logout_redirect_uris: Uris = field(default_factory=list)
    backchannel_logout_uri: str | None = None
    home_uri: str | None = None
    grant_types: list[GrantType] = field(default_factory=lambda: [*_GRANTS])
    scopes: Scopes = field(default_factory=lambda: ["openid", "profile", "email"])
    first_party: Annotated[bool, _FIRST_PARTY] = False


class ClientUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays. A client that is to use secrets from now on gets one by `POST …/secret`."""

    name: ClientName | UnsetType = UNSET
    auth_method: Annotated[AuthMethod, _METHOD] | UnsetType = UNSET
    jwks: dict[str, Any] | UnsetType | None = UNSET
    redirect_uris: Uris | UnsetType = UNSET
    post_logout_redirect_uris: Uris | UnsetType = UNSET
    backchannel_logout_uri: str | UnsetType | None = UNSET
    home_uri: str | UnsetType | None = UNSET
    grant_types: list[GrantType] | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    first_party: bool | UnsetType = UNSET


class FirstPartyClient(Command, frozen=True, kw_only=True):
    """One of our own front ends, as `SSO_FIRST_PARTY_CLIENTS` has it: a public client that needs no consent. In its
    addresses PUBLIC_URL stands for where people reach the platform."""

    name: ClientName
    redirect_uris: Uris
    post_logout_redirect_uris: Uris = field(default_factory=list)
    backchannel_logout_uri: str | None = None
    home_uri: str | None = None
    grant_types: list[GrantType] = field(default_factory=lambda: [*_GRANTS])
    scopes: Scopes = field(
        default_factory=lambda: [OPENID, "profile", "email", OFFLINE_ACCESS, PLATFORM_SCOPE]
    )

    def description(self, public_url: str) -> ClientCreate:
        """It as the registry would have it, where the platform is at `public_url`."""
        text = encode({"kind": "public", "firstParty": True} | to_builtins(self)).decode()
        return decode(text.replace(PUBLIC_URL, public_url), type=ClientCreate)


class ClientRead(Schema, kw_only=True):
    """A client. One that comes `fromSettings` is changed there."""

    id: str
    name: str
    kind: ClientKind
    auth_method: AuthMethod
    jwks: dict[str, Any] | None
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None
    home_uri: str | None
    grant_types: list[str]
    scopes: list[str]
    first_party: bool
    from_settings: bool
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


class ClientRegistered(Schema, kw_only=True):
    """The new client; its secret, if it has one, is shown this once."""

    client: ClientRead
    client_secret: str | UnsetType = UNSET


class ClientSecret(Schema, kw_only=True):
    """Shown this once. The secret of before is good no more."""

    client_secret: str


def described(client: OAuthClient) -> ClientRead:
    return ClientRead(
        id=client.id,
        name=client.name,
        kind=client.kind,  # type: ignore[arg-type]  # (the registry shows no other kinds)
        auth_method=client.auth_method,  # type: ignore[arg-type]
        jwks=client.jwks,
        redirect_uris=client.redirect_uris,
        post_logout_redirect_uris=client.post_logout_redirect_uris,
        backchannel_logout_uri=client.backchannel_logout_uri,
        home_uri=client.home_uri,
        grant_types=client.grant_types,
        scopes=client.scopes,
        first_party=client.is_first_party,
        from_settings=client.is_from_settings,
        created_by=client.created_by,
        created_at=client.created_at,
        updated_at=client.updated_at,
    )
