"""What the passkey routes take and give. The options and credentials are those of WebAuthn Level 3 as JSON (section
5.1.7 and after); what browsers send with them beyond what is needed here is not looked at."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from common.schemas import Command, Schema
from sso.fields import Token
from sso.passkeys.models import Passkey

_BASE64URL = r"^[A-Za-z0-9_-]+$(?!\n)"
CredentialId = Annotated[
    str,
    Meta(
        max_length=1364, pattern=_BASE64URL, description="At most 1023 bytes", examples=["kkJb7cVvQ0eEmyH3"]
    ),
]
Bytes = Annotated[str, Meta(max_length=16_384, pattern=_BASE64URL, description="base64url, without padding")]
ClientData = Annotated[
    str,
    Meta(
        max_length=8192,
        pattern=_BASE64URL,
        description="What was signed along: type, challenge, origin",
        examples=["eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0"],
    ),
]
UserHandle = Annotated[
    str,
    Meta(
        max_length=128,
        pattern=r"^[A-Za-z0-9_-]*$(?!\n)",
        description="Whose passkey it is; some give an empty one",
    ),
]
AttestationObject = Annotated[
    str, Meta(max_length=32_768, pattern=_BASE64URL, examples=["o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVg"])
]
Transport = Annotated[str, Meta(max_length=32, pattern=r"^[a-z][a-z0-9-]*$(?!\n)", examples=["internal"])]
_NAME = r"^(?=.*\S)[^\x00-\x1f\x7f]*$(?!\n)"  # something that can be seen, on one line
Name = Annotated[str, Meta(max_length=100, pattern=_NAME, examples=["My telephone"])]


class _Credential(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    id: CredentialId
    raw_id: CredentialId
    type: Annotated[Literal["public-key"], Meta(examples=["public-key"])]


class AttestationResponse(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """What `navigator.credentials.create()` gave: the new public key."""

    client_data_json: ClientData = msgspec.field(name="clientDataJSON")
    attestation_object: AttestationObject
    transports: Annotated[list[Transport], Meta(max_length=16)] = []


class RegistrationCredential(_Credential, kw_only=True, frozen=True):
    """A RegistrationResponseJSON."""

    response: AttestationResponse


class AssertionResponse(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """What `navigator.credentials.get()` gave: a signature."""

    client_data_json: ClientData = msgspec.field(name="clientDataJSON")
    authenticator_data: Annotated[
        Bytes, Meta(examples=["SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ"])
    ]
    signature: Annotated[Bytes, Meta(examples=["MEUCIQDm0V2c3nHq"])]
    user_handle: UserHandle | None = None


class AuthenticationCredential(_Credential, kw_only=True, frozen=True):
    """An AuthenticationResponseJSON."""

    response: AssertionResponse


class PasskeyRegister(Command, frozen=True, kw_only=True):
    """A new passkey; without a `name` it gets that of the authenticator, or of browser and system."""

    name: Name | None = None
    credential: RegistrationCredential


class PasskeyRename(Command, frozen=True, kw_only=True):
    name: Name


class LoginOptionsRequest(Command, frozen=True, kw_only=True):
    """`challengeToken` where the passkey is the second factor of a sign-in (`POST /auth/login`)."""

    challenge_token: Token | None = None


class PasskeyLogin(Command, frozen=True, kw_only=True):
    """With `useCookie` the refresh token comes as a cookie."""

    credential: AuthenticationCredential
    use_cookie: bool = False


class Descriptor(Schema, kw_only=True):
    """A PublicKeyCredentialDescriptorJSON."""

    id: str
    type: Literal["public-key"] = "public-key"
    transports: list[str]


class RelyingPartyEntity(Schema):
    id: str
    name: str


class UserEntity(Schema):
    """Whose passkey it becomes; `id` is the user handle."""

    id: str
    name: str
    display_name: str


class CredentialParameter(Schema, kw_only=True):
    type: Literal["public-key"] = "public-key"
    alg: int


class AuthenticatorSelection(Schema, kw_only=True):
    resident_key: Literal["required"] = "required"
    require_resident_key: Literal[True] = True
    user_verification: Literal["required"] = "required"


class CreationOptions(Schema, kw_only=True):
    """A PublicKeyCredentialCreationOptionsJSON, for `navigator.credentials.create()`. `timeout` is in milliseconds."""

    rp: RelyingPartyEntity
    user: UserEntity
    challenge: str
    pub_key_cred_params: list[CredentialParameter]
    timeout: int
    exclude_credentials: list[Descriptor]
    authenticator_selection: AuthenticatorSelection
    attestation: Literal["none"] = "none"


class RequestOptions(Schema, kw_only=True):
    """A PublicKeyCredentialRequestOptionsJSON, for `navigator.credentials.get()`. `timeout` is in milliseconds."""

    challenge: str
    timeout: int
    rp_id: str
    allow_credentials: list[Descriptor]
    user_verification: Literal["required"] = "required"


class PasskeyRead(Schema):
    """A passkey. One that was `disabled`, because it seems to have been copied, no longer signs in."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool
    transports: list[str]
    disabled: bool


class PasskeyRegistered(Schema):
    """The new passkey; and recovery codes, shown this once, if the account had none."""

    passkey: PasskeyRead
    recovery_codes: list[str]


def described(passkey: Passkey) -> PasskeyRead:
    return PasskeyRead(
        id=passkey.id,
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        backed_up=passkey.is_backed_up,
        transports=passkey.transports,
        disabled=passkey.disabled_at is not None,
    )
