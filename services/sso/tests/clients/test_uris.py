"""Which addresses a client may register (SECURITY 17): what is refused is refused before anybody compares it."""

import pytest

from sso.clients.uris import UriRefused, check_redirect, check_web, origin

GOOD = [
    "https://app.example.org",
    "https://app.example.org/",
    "https://app.example.org/callback?tenant=1",
    "https://app.example.org:8443/callback",
    "https://xn--bcher-kva.example/r%C3%BCck",
    "https://192.0.2.7/callback",
    "http://localhost:5173/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:9000/callback",
]
BAD = {
    "a fragment": "https://app.example.org/callback#top",
    "an empty fragment": "https://app.example.org/callback#",
    "a user": "https://app@evil.example/callback",
    "a user and a password": "https://a:b@app.example.org/callback",
    "an upper-case scheme": "HTTPS://app.example.org/callback",
    "an upper-case host": "https://App.example.org/callback",
    "the usual port": "https://app.example.org:443/callback",
    "an empty port": "https://app.example.org:/callback",
    "a port with a zero": "https://app.example.org:08443/callback",
    "a port that is none": "https://app.example.org:99999/callback",
    "a port in letters": "https://app.example.org:https/callback",
    "a wildcard host": "https://*.example.org/callback",
    "a wildcard path": "https://app.example.org/*",
    "a parent segment": "https://app.example.org/a/../callback",
    "a last parent segment": "https://app.example.org/callback/..",
    "a dot segment": "https://app.example.org/./callback",
    "an encoded parent segment": "https://app.example.org/%2E%2E/callback",
    "an encoded dot in lower case": "https://app.example.org/%2e%2e/callback",
    "an encoded slash": "https://app.example.org/a%2Fcallback",
    "an encoded backslash": "https://app.example.org/a%5Ccallback",
    "an encoded letter": "https://app.example.org/%63allback",
    "a lower-case encoding": "https://app.example.org/r%c3%bcck",
    "an encoded line end": "https://app.example.org/callback%0D%0ASet-Cookie:x",
    "an encoded zero": "https://app.example.org/callback%00",
    "an encoded percent sign": "https://app.example.org/%252E%252E/callback",
    "half an encoding": "https://app.example.org/%2",
    "a backslash": "https://app.example.org\\@evil.example/callback",
    "a backslash in the path": "https://app.example.org/\\evil.example",
    "a tab": "https://app.example.org/\tcallback",
    "a line end": "https://app.example.org/callback\n",
    "a zero byte": "https://app.example.org/\x00callback",
    "a space in front": " https://app.example.org/callback",
    "a space": "https://app.example.org/call back",
    "an empty segment": "https://app.example.org//evil.example/callback",
    "letters beyond ASCII": "https://bücher.example/callback",
    "a look-alike of a letter": "https://\u0430pp.example.org/callback",
    "brackets": "https://app.example.org/?a[0]=1",
    "quotes": 'https://app.example.org/"',
    "markup": "https://app.example.org/<script>",
    "no host": "https:///callback",
    "no slashes": "https:callback",
    "one slash": "https:/app.example.org/callback",
    "no scheme": "//app.example.org/callback",
    "a path": "/callback",
    "nothing": "",
    "http": "http://app.example.org/callback",
    "http on a host that begins like this machine": "http://localhost.evil.example/callback",
    "http on a host that begins like its address": "http://127.0.0.1.evil.example/callback",
    "http on another address of this machine": "http://127.0.0.2/callback",
    "an address in short": "http://127.1/callback",
    "an address in hexadecimal": "https://0x7f.0.0.1/callback",
    "an address as one number": "https://2130706433/callback",
    "an address in octal": "https://0177.0.0.1/callback",
    "an IPv6 address in full": "http://[0:0:0:0:0:0:0:1]/callback",
    "an IPv6 address with a zone": "http://[fe80::1%25eth0]/callback",
    "a dot at the end of the host": "https://app.example.org./callback",
    "two dots in the host": "https://app..example.org/callback",
    "a hyphen in front of the host": "https://-app.example.org/callback",
    "an underscore in the host": "https://my_app.example.org/callback",
    "a script": "javascript:alert(1)",
    "a script that looks like an address": "javascript://app.example.org/%0Aalert(1)",
    "data": "data:text/html,hello",
    "a file": "file:///etc/passwd",
    "a blob": "blob:https://app.example.org/1",
    "another protocol": "ftp://app.example.org/callback",
    "a web socket": "wss://app.example.org/callback",
    "a scheme of one word": "myapp:/callback",
    "a scheme of an app, with a host": "com.example.app://callback",
    "a scheme of an app, without a path": "com.example.app:callback",
    "a scheme of an app, in upper case": "com.example.App:/callback",
    "a scheme of an app, with a fragment": "com.example.app:/callback#",
    "a scheme of an app, with a parent segment": "com.example.app:/a/../callback",
    "too much": "https://app.example.org/" + "a" * 2000,
}


@pytest.mark.parametrize("uri", GOOD)
def test_a_web_address_in_its_normal_form_may_be_registered(uri: str) -> None:
    check_redirect(uri, is_public=False)
    check_redirect(uri, is_public=True)
    check_web(uri)


# SECURITY 17
@pytest.mark.parametrize("uri", BAD.values(), ids=BAD.keys())
def test_an_address_that_could_be_read_in_two_ways_is_refused_at_registration(uri: str) -> None:
    for check in (
        lambda: check_redirect(uri, is_public=True),
        lambda: check_redirect(uri, is_public=False),
        lambda: check_web(uri),
    ):
        with pytest.raises(UriRefused):
            check()


def test_a_scheme_of_an_apps_own_is_for_public_clients_alone() -> None:
    check_redirect("com.example.app:/callback?x=1", is_public=True)
    with pytest.raises(UriRefused):
        check_redirect("com.example.app:/callback", is_public=False)
    with pytest.raises(UriRefused):
        check_web("com.example.app:/callback")


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://app.example.org:8443/callback?x=1", "https://app.example.org:8443"),
        ("http://[::1]:9000/callback", "http:"),
        ("com.example.app:/callback", "com.example.app:"),
    ],
)
def test_the_origin_of_an_address_can_stand_in_a_content_security_policy(uri: str, source: str) -> None:
    assert origin(uri) == source
