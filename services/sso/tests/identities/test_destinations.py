"""Where a browser goes on to after signing in elsewhere: to us, or to a front end of ours (SECURITY 17)."""

import pytest

from .browser import PUBLIC_URL, Browser
from .conftest import FRONT_END
from .upstream import Upstream

GOOD = {
    "/": "/",
    "/r/ada": "/r/ada",
    "/oauth2/authorize?client_id=x&state=%2F%2Fevil.test": "/oauth2/authorize?client_id=x&state=%2F%2Fevil.test",
    "/a?next=//evil.test": "/a?next=//evil.test",
    f"{PUBLIC_URL}/account/": "/account/",
    f"{FRONT_END}/": f"{FRONT_END}/",
    f"{FRONT_END}/done?a=1&b=%20": f"{FRONT_END}/done?a=1&b=%20",
}


@pytest.mark.parametrize("redirect_uri", GOOD)
async def test_the_browser_ends_where_the_front_end_wants_it(
    browser: Browser, upstream: Upstream, redirect_uri: str
) -> None:
    answer = await browser.sign_in(redirectUri=redirect_uri)
    assert (answer.status_code, answer.headers["location"]) == (303, GOOD[redirect_uri])


BAD = [
    "",
    "https://evil.test/",
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test",
    " /",
    " https://evil.test/",
    "/%2f/evil.test",
    "/%5cevil.test/../",
    "/../evil",
    "/a/%2e%2e//evil.test",
    "/./a",
    "/a b",
    "/ä",
    "/\x00",
    "javascript:alert(1)",
    "data:text/html,x",
    "about:blank",
    "https:evil.test",
    "https:/evil.test",
    f"http{PUBLIC_URL.removeprefix('https')}/",
    f"{PUBLIC_URL}.evil.test/",
    f"{PUBLIC_URL}@evil.test/",
    f"{PUBLIC_URL}:443/",
    f"{PUBLIC_URL}:8443/",
    f"{PUBLIC_URL}",
    f"{PUBLIC_URL}?x",
    f"{PUBLIC_URL}#x",
    f"{PUBLIC_URL}\\@evil.test/",
    f"{PUBLIC_URL}//evil.test/",
    f"{PUBLIC_URL}/\\evil.test/",
    f"{FRONT_END}",
    f"{FRONT_END}/#x",
    f"{FRONT_END}/../x",
    f"{FRONT_END}//evil.test",
    f"{FRONT_END}/\r\nSet-Cookie: a=b",
    f"{FRONT_END}.evil.test/",
    f"{FRONT_END.upper()}/",
    "https://user@app.resumax.test/",
    "https://app.resumax.test./",
    "https://app%2eresumax.test/",
    "https://evil.test/?https://app.resumax.test/",
    "https://resumax.test\u2024evil.test/",
    f"{FRONT_END}/{'a' * 5000}",
]


# SECURITY 17
@pytest.mark.parametrize("redirect_uri", BAD, ids=range(len(BAD)))
async def test_no_address_leads_away_from_us(browser: Browser, upstream: Upstream, redirect_uri: str) -> None:
    for path in ("/auth/oauth/acme/start", "/auth/oauth/continue"):
        answer = await browser.get(path, params={"redirectUri": redirect_uri})
        assert answer.status_code == 400, answer.headers.get("location")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert not {"location", "refresh"} & {*answer.headers}
    assert browser.cookies == {}


@pytest.mark.parametrize("continue_to", [*BAD[:24], f"{FRONT_END}/"], ids=range(25))
async def test_pages_go_on_to_paths_of_our_own_or_home(
    browser: Browser, upstream: Upstream, continue_to: str
) -> None:
    answer = await browser.sign_in(**{"continue": continue_to})
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/security")


async def test_without_a_word_the_browser_ends_at_the_security_settings(
    browser: Browser, upstream: Upstream
) -> None:
    assert (await browser.sign_in()).headers["location"] == "/auth/ui/security"
    assert (await browser.get("/auth/oauth/continue")).status_code == 400
