"""What a client may be: how its parts have to fit together, whoever describes it."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from common.problems import FieldError
from common.tokens import PLATFORM_SCOPE
from sso.clients import jwks, uris
from sso.clients.jwks import KeysRefused
from sso.clients.schemas import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    DEVICE_CODE,
    REFRESH_TOKEN,
    AuthMethod,
    ClientCreate,
    FirstPartyClient,
)
from sso.clients.uris import UriRefused
from sso.scopes import SCOPES

PUBLIC = "public"
WITH_SECRET = frozenset({"client_secret_basic", "client_secret_post"})


_ID = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")


def auth_method(wanted: ClientCreate) -> AuthMethod:
    """How the client proves itself, if it is not told."""
    return wanted.auth_method or ("none" if wanted.kind == PUBLIC else "client_secret_basic")


def mistakes(wanted: ClientCreate) -> list[FieldError]:
    """What is wrong with a client that is to be as `wanted`; nothing if it may be so."""
    return [*_proof(wanted), *_uris(wanted), *_grants(wanted), *_scopes(wanted)]


def _proof(wanted: ClientCreate) -> Iterator[FieldError]:
    method = auth_method(wanted)
    if (wanted.kind == PUBLIC) != (method == "none"):
        yield FieldError(
            "$.authMethod", "A public client proves itself by nothing, a confidential one by something."
        )
    if (method == "private_key_jwt") != (wanted.jwks is not None):
        yield FieldError(
            "$.jwks", "There are keys exactly where the client proves itself by private_key_jwt."
        )
    elif wanted.jwks is not None:
        try:
            jwks.checked(wanted.jwks)
        except KeysRefused as error:
            yield FieldError("$.jwks", str(error))


def _uris(wanted: ClientCreate) -> Iterator[FieldError]:
    def check_redirect(uri: str) -> None:
        uris.check_redirect(uri, is_public=wanted.kind == PUBLIC)

    yield from _checked("redirectUris", wanted.redirect_uris, check_redirect)
    yield from _checked("postLogoutRedirectUris", wanted.post_logout_redirect_uris, check_redirect)
    for path, uri in (
        ("$.backchannelLogoutUri", wanted.backchannel_logout_uri),
        ("$.homeUri", wanted.home_uri),
    ):
        if uri is not None:
            yield from _refusal(path, uri, uris.check_web)


def _checked(field: str, values: Sequence[str], check: Callable[[str], None]) -> Iterator[FieldError]:
    for index, uri in enumerate(values):
        yield from _refusal(f"$.{field}[{index}]", uri, check)
    if len(set(values)) < len(values):
        yield FieldError(f"$.{field}", "One of them is there twice.")


def _refusal(path: str, uri: str, check: Callable[[str], None]) -> Iterator[FieldError]:
    try:
        check(uri)
    except UriRefused as error:
        yield FieldError(path, str(error))


def _grants(wanted: ClientCreate) -> Iterator[FieldError]:
    grants = set(wanted.grant_types)
    if len(grants) < len(wanted.grant_types):
        yield FieldError("$.grantTypes", "One of them is there twice.")
    if (AUTHORIZATION_CODE in grants) != bool(wanted.redirect_uris):
        yield FieldError(
            "$.redirectUris", "There are some exactly where authorization_code is one of the grants."
        )
    if REFRESH_TOKEN in grants and not grants & {AUTHORIZATION_CODE, DEVICE_CODE}:
        yield FieldError("$.grantTypes", "No other of the grants gives a refresh token.")
    if CLIENT_CREDENTIALS in grants and wanted.kind == PUBLIC:
        yield FieldError("$.grantTypes", "A public client has no credentials.")


def _scopes(wanted: ClientCreate) -> Iterator[FieldError]:
    for index, scope in enumerate(wanted.scopes):
        if scope not in SCOPES:
            yield FieldError(f"$.scopes[{index}]", "There is no such scope.")
        elif scope == PLATFORM_SCOPE and not wanted.first_party:
            yield FieldError(f"$.scopes[{index}]", "This scope is for the platform's own clients alone.")
    if len(set(wanted.scopes)) < len(wanted.scopes):
        yield FieldError("$.scopes", "One of them is there twice.")


def mistakes_of_settings(clients: Mapping[str, FirstPartyClient], *, taken: Collection[str]) -> Iterator[str]:
    """What is wrong with the platform's own clients; `taken` are ids that are somebody else's.

    Wherever the platform is, its own address will do for them: it is not this setting that would have to be https.
    """
    for client_id, client in clients.items():
        if client_id in taken or not _ID.fullmatch(client_id):
            yield f"{client_id}: this cannot be the id of a client"
        for mistake in mistakes(client.description("https://ours.invalid")):
            yield f"{client_id}: {mistake.path.removeprefix('$.')}: {mistake.message}"
