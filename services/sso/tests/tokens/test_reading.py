"""Whatever somebody shows as an access token is read as one, or as none; never as a crash."""

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import KeySet, RSAKey

from sso.tokens.reading import verified

KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "ours"})
KEYS = KeySet([KEY])
VALUE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.lists(st.text(max_size=3))
)


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "jku"]), VALUE),
    claims=st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "iat", "jti", "sid"]), VALUE),
)
def test_a_token_that_nobody_signed_is_none(header: dict[str, Any], claims: dict[str, Any]) -> None:
    for head in (header, {"alg": "RS256", "kid": "ours", "typ": "at+jwt"} | header):
        assert verified(f"{encoded(head)}.{encoded(claims)}.AAAA", KEYS) is None


@given(token=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_text_is_no_token(token: str) -> None:
    assert verified(token, KEYS) is None


@given(payload=st.dictionaries(st.text(max_size=6), VALUE, max_size=4) | VALUE)
def test_what_we_signed_but_is_no_access_token_is_none(payload: Any) -> None:
    for typ in ("JWT", "at+jwt"):
        header = {"alg": "RS256", "kid": "ours", "typ": typ}
        token = jws.serialize_compact(header, json.dumps(payload).encode(), KEY)
        assert verified(token, KEYS) is None


def test_what_has_all_claims_is_an_access_token_by_its_type_alone() -> None:
    claims = {"iss": "i", "sub": "s", "aud": ["sso"], "exp": 1, "iat": 1, "jti": "j", "client_id": "c"}
    for typ, is_one in (("at+jwt", True), ("JWT", False), ("logout+jwt", False), ("AT+JWT", False)):
        header = {"alg": "RS256", "kid": "ours", "typ": typ}
        token = jws.serialize_compact(header, json.dumps(claims).encode(), KEY)
        assert (verified(token, KEYS) is not None) == is_one, typ
