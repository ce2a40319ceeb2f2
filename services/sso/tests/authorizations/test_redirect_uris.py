"""Redirect URIs are compared as they are, and nothing is sent to one that is not registered (SECURITY 17)."""

from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sso_standins.apps import App, RegisterApp, answered

from sso.clients.models import PUBLIC
from sso.oauth2.redirect_uris import is_registered

REGISTERED = "https://app.test/callback?app=1"
BAD = {
    "nothing": None,
    "an empty one": "",
    "another host": "https://evil.test/callback?app=1",
    "a host that begins alike": "https://app.test.evil.test/callback?app=1",
    "a host that ends alike": "https://evil-app.test/callback?app=1",
    "a subdomain": "https://www.app.test/callback?app=1",
    "a host in upper case": "https://APP.test/callback?app=1",
    "a scheme in upper case": "HTTPS://app.test/callback?app=1",
    "a path in upper case": "https://app.test/CALLBACK?app=1",
    "another scheme": "http://app.test/callback?app=1",
    "javascript": "javascript:alert(1)//https://app.test/callback?app=1",
    "data": "data:text/html,https://app.test/callback?app=1",
    "no scheme": "//app.test/callback?app=1",
    "one slash": "https:/app.test/callback?app=1",
    "three slashes": "https:///app.test/callback?app=1",
    "backslashes": "https:\\\\app.test/callback?app=1",
    "a backslash before the host": "https://evil.test\\@app.test/callback?app=1",
    "the port that is usual": "https://app.test:443/callback?app=1",
    "another port": "https://app.test:8443/callback?app=1",
    "a user": "https://user@app.test/callback?app=1",
    "a host as a user": "https://app.test@evil.test/callback?app=1",
    "a host as a password": "https://a:app.test@evil.test/callback?app=1",
    "a dot after the host": "https://app.test./callback?app=1",
    "a slash at the end": "https://app.test/callback/?app=1",
    "two slashes": "https://app.test//callback?app=1",
    "a path that goes on": "https://app.test/callback/evil?app=1",
    "a path that is a part": "https://app.test/call?app=1",
    "up and down": "https://app.test/x/../callback?app=1",
    "up, encoded": "https://app.test/x/%2e%2e/callback?app=1",
    "up, encoded twice": "https://app.test/x/%252e%252e/callback?app=1",
    "a path of parameters": "https://app.test/callback;x?app=1",
    "a letter, encoded": "https://app.test/%63allback?app=1",
    "a slash, encoded": "https://app.test%2fcallback?app=1",
    "a fragment": "https://app.test/callback?app=1#x",
    "an empty fragment": "https://app.test/callback?app=1#",
    "no query": "https://app.test/callback",
    "another query": "https://app.test/callback?app=2",
    "a longer query": "https://app.test/callback?app=1&x=2",
    "a query in another order": "https://app.test/callback?x=2&app=1",
    "a space before": " https://app.test/callback?app=1",
    "a space after": "https://app.test/callback?app=1 ",
    "a tab within": "https://app.\ttest/callback?app=1",
    "a line end": "https://app.test/callback?app=1\n",
    "a header": "https://app.test/callback?app=1\r\nSet-Cookie: a=b",
    "a null": "https://app.test/callback?app=1\x00",
    "a letter that looks alike": "https://\u0430pp.test/callback?app=1",
    "a wide letter": "https://\uff41pp.test/callback?app=1",
    "a wide dot": "https://app\u3002test/callback?app=1",
    "an invisible letter": "https://app.test/call\u200bback?app=1",
    "two in one": "https://app.test/callback?app=1 https://evil.test",
    "two with a comma": "https://app.test/callback?app=1,https://evil.test",
    "a pattern": "https://*.test/callback?app=1",
    "loopback": "http://127.0.0.1/callback",
    "very long": "https://app.test/callback?app=1" + "x" * 3000,
}


@pytest_asyncio.fixture(scope="module")
async def app(register_app: RegisterApp) -> App:
    return await register_app(redirect_uris=[REGISTERED])


def is_told_on_a_page(answer: httpx.Response) -> bool:
    """Whether the person is told, and the browser sent nowhere."""
    return (
        answer.status_code == 400
        and "location" not in answer.headers
        and answer.headers["content-type"] == "text/html; charset=utf-8"
        and "This app cannot sign you in" in answer.text
    )


# SECURITY 17
@pytest.mark.parametrize("name", BAD)
async def test_nothing_is_sent_to_a_redirect_uri_that_is_not_registered_to_the_letter(
    app: App, somebody: Any, name: str
) -> None:
    for person in (somebody, None):
        assert is_told_on_a_page(await app.authorize(person, redirect_uri=BAD[name])), name
        # Nor an error, whatever else is wrong.
        error = await app.authorize(person, redirect_uri=BAD[name], response_type="token", prompt="none")
        assert is_told_on_a_page(error), name


async def test_the_registered_one_stays_as_it_is_and_gets_the_answer(app: App, somebody: Any) -> None:
    answer = await app.authorize(somebody)
    assert answer.headers["location"].startswith(f"{REGISTERED}&code=")
    assert answered(answer).keys() == {"app", "code", "state", "iss"}


# SECURITY 17
async def test_a_redirect_uri_that_comes_twice_is_refused(
    app: App, somebody: Any, client: httpx.AsyncClient
) -> None:
    for second in (REGISTERED, "https://evil.test/"):
        pairs = [*app.asks().items(), ("redirect_uri", second)]
        assert is_told_on_a_page(await client.get("/oauth2/authorize", params=pairs))


@pytest.mark.parametrize("client_id", [None, "", "nobody", "api", "x" * 500, "\x00", "ü"])
async def test_nothing_is_sent_for_a_client_that_is_not_there(
    app: App, somebody: Any, client_id: str | None
) -> None:
    assert is_told_on_a_page(await app.authorize(somebody, client_id=client_id))


NATIVE = [
    "http://127.0.0.1/callback",
    "http://[::1]:8000/callback",
    "http://localhost:3000/callback",
    "com.example.app:/callback",
]


@pytest_asyncio.fixture(scope="module")
async def native(register_app: RegisterApp) -> App:
    return await register_app(kind=PUBLIC, redirect_uris=NATIVE)


# RFC 8252 section 7.3
@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:80/callback",
        "http://127.0.0.1:49152/callback",
        "http://127.0.0.1:65535/callback",
        "http://[::1]/callback",
        "http://[::1]:49152/callback",
        "com.example.app:/callback",
    ],
)
async def test_a_native_app_listens_on_whichever_port_is_free(native: App, somebody: Any, uri: str) -> None:
    answer = await native.confirmed(somebody, redirect_uri=uri)
    assert answer.headers["location"].startswith(f"{uri}?code=")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:-1/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:80@evil.test/callback",
        "http://127.0.0.1:80evil.test/callback",
        "http://127.0.0.1.evil.test/callback",
        "http://127.0.0.2:8000/callback",
        "http://127.1:8000/callback",
        "http://0x7f000001:8000/callback",
        "http://2130706433:8000/callback",
        "http://localhost:3001/callback",
        "http://localhost/callback",
        "http://[::]:8000/callback",
        "http://[0:0:0:0:0:0:0:1]:8000/callback",
        "http://[::ffff:127.0.0.1]:8000/callback",
        "https://127.0.0.1:8000/callback",
        "http://127.0.0.1:8000/callback/",
        "http://127.0.0.1:8000/other",
        "http://127.0.0.1:8000/callback?x=1",
        "http://127.0.0.1:8000/callback#x",
        "http://127.0.0.1:\uff18\uff10/callback",
        "com.example.app:/callback/",
        "com.example.app://callback",
        "com.example.App:/callback",
        "com.example.app.evil:/callback",
    ],
)
async def test_nothing_but_the_port_may_differ(native: App, somebody: Any, uri: str) -> None:
    assert is_told_on_a_page(await native.authorize(somebody, redirect_uri=uri))


async def test_the_port_of_an_app_that_can_keep_a_secret_may_not_differ(
    register_app: RegisterApp, somebody: Any
) -> None:
    app = await register_app(redirect_uris=NATIVE)
    assert is_told_on_a_page(await app.authorize(somebody, redirect_uri="http://127.0.0.1:8000/callback"))


@given(uri=st.text(max_size=60) | st.sampled_from([uri or "" for uri in BAD.values()]))
def test_what_is_not_registered_never_passes(uri: str) -> None:
    assert is_registered(uri, [REGISTERED], is_native=False) == (uri == REGISTERED)
