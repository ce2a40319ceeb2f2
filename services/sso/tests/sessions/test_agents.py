import pytest

from sso.sessions.agents import parse

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system", "device"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/126.0", "Edge", "Windows", "computer"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.5 Safari/605.1.15", "Safari", "macOS", "computer"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1", "Safari", "iOS", "phone"),
        (f"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) {WEBKIT} CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome", "iPadOS", "tablet"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME} Mobile Safari/537.36", "Chrome", "Android", "phone"),
        (f"Mozilla/5.0 (Linux; Android 14; SM-X910) {CHROME} Safari/537.36", "Chrome", "Android", "tablet"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux", "computer"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 15000.0.0) {CHROME} Safari/537.36", "Chrome", "ChromeOS", "computer"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36 OPR/112.0.0.0", "Opera", "Linux", "computer"),
        ("curl/8.1", "curl", "unknown", "unknown"),
        ("", "unknown", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_a_device_is_named_as_its_owner_would_name_it(
    user_agent: str, browser: str, system: str, device: str
) -> None:
    assert parse(user_agent) == (browser, system, device)
