"""What a User-Agent header says about a device, well enough to be recognised by its owner."""

from typing import NamedTuple

# The first that is found counts: browsers name those before them, too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_DEVICES = {"iOS": "phone", "iPadOS": "tablet", "unknown": "unknown"}


class Agent(NamedTuple):
    browser: str
    os: str
    device: str


def parse(user_agent: str) -> Agent:
    """Browser, operating system and kind of device; `unknown` where the header does not tell."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if system == "Android":
        return Agent(browser, system, "phone" if "Mobile" in user_agent else "tablet")
    return Agent(browser, system, _DEVICES.get(system, "computer"))


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in known if mark in user_agent), "unknown")
