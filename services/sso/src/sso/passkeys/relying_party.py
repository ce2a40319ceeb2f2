"""What we are to an authenticator, a relying party, and how what it signed is verified (WebAuthn Level 3, section 7).

Every passkey is discoverable and verifies its user (by PIN, finger or face): with it alone somebody signs in without
typing a name, and has shown two factors, what they have and what they know or are. Authenticators that cannot do that
are refused, so that there is one kind of passkey and one rule. No attestation is asked for: which make of
authenticator people use is their own affair, and every good one is welcome.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import CollectedClientData, CredentialDeviceType
from webauthn.registration.verify_registration_response import VerifiedRegistration

from sso.origins import Origins
from sso.passkeys.models import Passkey
from sso.passkeys.schemas import AuthenticationCredential, RegistrationCredential
from sso.settings import Settings

T = TypeVar("T")

ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
"""What keys sign with, the preferred one first: EdDSA (Ed25519), ES256 (P-256), RS256 (2048 bits or more)."""
_RSA_BITS = range(2048, 4097)


class InvalidCredential(Exception):
    """What an authenticator sent does not verify. The reason is in `__cause__`, for us and not for callers."""


class RelyingParty:
    """`id` is the host that passkeys are bound to; they are used on `origins` and nowhere else."""

    name = "resuMAX"

    def __init__(self, settings: Settings, origins: Origins) -> None:
        self.public_url = settings.issuer
        self.id = urlsplit(settings.issuer).hostname or ""
        self._origins = sorted(origins.ours)

    @staticmethod
    def challenge_of(credential: RegistrationCredential | AuthenticationCredential) -> str:
        """The challenge that was answered, in base64url. Raises InvalidCredential."""
        return bytes_to_base64url(_checked(lambda: _client_data(credential)).challenge)

    @staticmethod
    def id_of(credential: AuthenticationCredential) -> bytes:
        """Of no passkey, if it cannot be read."""
        try:
            return base64url_to_bytes(credential.raw_id)
        except ValueError:
            return b""

    def registered(self, credential: RegistrationCredential) -> VerifiedRegistration:
        """The new key. That the challenge is ours is for the caller to say. Raises InvalidCredential."""
        return _checked(lambda: self._registered(credential))

    def _registered(self, credential: RegistrationCredential) -> VerifiedRegistration:
        verified = webauthn.verify_registration_response(
            credential=msgspec.to_builtins(credential),
            expected_challenge=_same_origin_challenge(credential),
            expected_rp_id=self.id,
            expected_origin=self._origins,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        _require_strong_key(verified.credential_public_key)
        _require(verified.credential_id == base64url_to_bytes(credential.raw_id), "another id was attested")
        return verified

    def asserted(
        self, credential: AuthenticationCredential, passkey: Passkey, *, is_discovered: bool
    ) -> VerifiedAuthentication:
        """What the key of `passkey` signed. The counter, like the challenge, is for the caller to look at.

        If the user `is_discovered`, by nothing but this credential, it has to say who they are. Raises
        InvalidCredential.
        """
        return _checked(lambda: self._asserted(credential, passkey, is_discovered))

    def _asserted(
        self, credential: AuthenticationCredential, passkey: Passkey, is_discovered: bool
    ) -> VerifiedAuthentication:
        handle = credential.response.user_handle or ""
        if is_discovered or handle:
            _require(base64url_to_bytes(handle) == passkey.user_id.bytes, "of another user")
        verified = webauthn.verify_authentication_response(
            credential=msgspec.to_builtins(credential),
            expected_challenge=_same_origin_challenge(credential),
            expected_rp_id=self.id,
            expected_origin=self._origins,
            credential_public_key=passkey.public_key,
            # Not here, where a counter that is too low would be told of before its signature is verified: anybody
            # could have somebody's passkey taken for a copy.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        _require(
            is_backup_eligible(verified) == passkey.is_backup_eligible, "the eligibility for backup changed"
        )
        return verified


def is_backup_eligible(verified: VerifiedRegistration | VerifiedAuthentication) -> bool:
    return verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE


def _checked(verify: Callable[[], T]) -> T:
    try:
        return verify()
    except (
        Exception
    ) as error:  # (what an authenticator sent is anybody's bytes, and parsers raise what they like)
        raise InvalidCredential from error


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)


def _client_data(credential: RegistrationCredential | AuthenticationCredential) -> CollectedClientData:
    return parse_client_data_json(base64url_to_bytes(credential.response.client_data_json))


def _same_origin_challenge(credential: RegistrationCredential | AuthenticationCredential) -> bytes:
    """The challenge, of a page that is not in a frame of somebody else's."""
    client_data = _client_data(credential)
    _require(not client_data.cross_origin, "in a frame")
    return client_data.challenge


def _require_strong_key(public_key: bytes) -> None:
    """The key is what its algorithm says, and a point of its curve: that is not looked at otherwise until it is used."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    is_strong = {
        COSEAlgorithmIdentifier.EDDSA: isinstance(key, Ed25519PublicKey),
        COSEAlgorithmIdentifier.ECDSA_SHA_256: isinstance(key, EllipticCurvePublicKey)
        and isinstance(key.curve, SECP256R1),
        COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256: isinstance(key, RSAPublicKey)
        and key.key_size in _RSA_BITS,
    }
    _require(is_strong[COSEAlgorithmIdentifier(decoded.alg)], "a weak key")
