"""What browsers are asked: to make a passkey, or to show one (WebAuthn Level 3, sections 5.4 and 5.5)."""

from collections.abc import Iterable

from webauthn.helpers import bytes_to_base64url

from sso.passkeys.challenges import GOOD_FOR
from sso.passkeys.models import Passkey
from sso.passkeys.relying_party import ALGORITHMS, RelyingParty
from sso.passkeys.schemas import (
    AuthenticatorSelection,
    CreationOptions,
    CredentialParameter,
    Descriptor,
    RelyingPartyEntity,
    RequestOptions,
    UserEntity,
)
from sso.users.models import User

_TIMEOUT = int(GOOD_FOR.total_seconds() * 1000)


def to_create(
    party: RelyingParty, user: User, challenge: str, *, existing: Iterable[Passkey]
) -> CreationOptions:
    """A new passkey of `user`, on an authenticator that has none of theirs yet. Their id is the user handle: 16 bytes
    that say nothing about them."""
    handle = bytes_to_base64url(user.id.bytes)
    return CreationOptions(
        rp=RelyingPartyEntity(id=party.id, name=party.name),
        user=UserEntity(id=handle, name=user.email, display_name=user.name),
        challenge=challenge,
        pub_key_cred_params=[CredentialParameter(alg=algorithm.value) for algorithm in ALGORITHMS],
        timeout=_TIMEOUT,
        exclude_credentials=_described(existing),
        authenticator_selection=AuthenticatorSelection(),
    )


def to_get(party: RelyingParty, challenge: str, *, allowed: Iterable[Passkey] = ()) -> RequestOptions:
    """One of `allowed`; with none named, whichever the browser finds."""
    return RequestOptions(
        challenge=challenge, timeout=_TIMEOUT, rp_id=party.id, allow_credentials=_described(allowed)
    )


def _described(passkeys: Iterable[Passkey]) -> list[Descriptor]:
    return [
        Descriptor(id=bytes_to_base64url(passkey.credential_id), transports=passkey.transports)
        for passkey in passkeys
    ]
