"""Requests of clients in the form in which Authlib's grants and endpoints read them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

# TLS ends before us, so what Authlib finds out about the address says nothing; the gateway sees to https.
_ADDRESS = "https://sso.invalid/"


class ClientRequest(OAuth2Request):
    """`parameters` are those of the form or of the query, each once; one that is empty counts as left out (RFC 6749
    sections 3.1 and 3.2). `authorization` is the header."""

    def __init__(self, method: str, parameters: Mapping[str, str], *, authorization: str = "") -> None:
        super().__init__(method, _ADDRESS, headers={"Authorization": authorization})
        self.payload = BasicOAuth2Payload({name: value for name, value in parameters.items() if value})

    @property
    def authorization(self) -> str:
        header: str = self.headers["Authorization"]
        return header

    @property
    def args(self) -> dict[str, str]:
        return self.form

    @property
    def form(self) -> dict[str, str]:
        given: dict[str, str] = self.payload.data
        return given


def from_form(form: msgspec.Struct, *, authorization: str) -> ClientRequest:
    """The request of a client that posted `form`."""
    given: dict[str, Any] = msgspec.structs.asdict(form)
    return ClientRequest("POST", given, authorization=authorization)
