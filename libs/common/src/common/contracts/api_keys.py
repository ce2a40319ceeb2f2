"""What a service and the SSO say to each other about an API key that somebody showed to the service."""

import msgspec


class ApiKeyExchange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `POST /internal/api-keys/exchange`."""

    api_key: str


class ApiKeyToken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Its answer: an access token for the service that asked, with the scopes of the key."""

    access_token: str
