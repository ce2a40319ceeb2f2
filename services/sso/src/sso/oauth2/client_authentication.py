"""How clients prove who they are (RFC 6749 section 2.3): each by the one method that it is registered with."""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from sso.oauth2.clients import Client
from sso.oauth2.requests import ClientRequest

BASIC, POST, PRIVATE_KEY_JWT, NONE = "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
WITH_PROOF = [BASIC, POST, PRIVATE_KEY_JWT]
METHODS = [*WITH_PROOF, NONE]

FindClient = Callable[[str], Client | None]


def by_basic(find: FindClient, request: ClientRequest) -> Client | None:
    """By HTTP Basic. Many clients do not form-encode the credentials as section 2.3.1 wants, so both readings count."""
    if not request.authorization:
        return None
    scheme, _, encoded = request.authorization.partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise InvalidClientError from None
    client_id = unquote_plus(client_id)
    if scheme.lower() != "basic" or request.form.get("client_id", client_id) != client_id:
        raise InvalidClientError
    return _with_secret(find, client_id, secret, unquote_plus(secret))


def by_post(find: FindClient, request: ClientRequest) -> Client | None:
    """By a secret in the form."""
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    return _with_secret(find, client_id, secret) if client_id and secret else None


def by_name(find: FindClient, request: ClientRequest) -> Client | None:
    """By nothing: an app that can keep no secret only says which one it is."""
    client_id = request.form.get("client_id")
    return find(client_id) if client_id and not _proofs(request) else None


def _with_secret(find: FindClient, client_id: str, *candidates: str) -> Client | None:
    client = find(client_id)
    return client if client is not None and client.has_secret(candidates) else None


def refuse_several(request: ClientRequest) -> None:
    """Raise InvalidRequestError where more than one proof came (RFC 6749 section 2.3)."""
    if len(_proofs(request)) > 1:
        raise InvalidRequestError("Credentials came in more than one way.")


def _proofs(request: ClientRequest) -> list[str]:
    given = {"header": request.authorization, **request.form}
    return [name for name in ("header", "client_secret", "client_assertion") if given.get(name)]
