"""What a User-Agent header says about a device, in the words of its owner; recognised by ua-parser."""

from functools import lru_cache
from typing import NamedTuple

from ua_parser import parse as recognise

UNKNOWN = "unknown"
# What the browsers' makers call them, whatever they are installed on.
_BROWSERS = {
    "Mobile Safari": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
}
_SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
_COMPUTERS = frozenset(
    {"Windows", "macOS", "Linux", "ChromeOS", "Ubuntu", "Fedora", "Debian", "FreeBSD", "OpenBSD"}
)
_PHONES = frozenset({"iOS", "Windows Phone", "KaiOS"})


class Agent(NamedTuple):
    browser: str
    os: str
    device: str


@lru_cache(1024)
def parse(user_agent: str) -> Agent:
    """Browser, operating system and kind of device (`phone`, `tablet`, `computer`); `unknown` where nothing tells."""
    found = recognise(user_agent)
    browser = found.user_agent.family if found.user_agent else UNKNOWN
    system = found.os.family if found.os else UNKNOWN
    system = _SYSTEMS.get(system, system)
    if system == "iOS" and "iPad" in user_agent:
        system = "iPadOS"
    return Agent(_BROWSERS.get(browser, browser), system, _device(system, user_agent))


def described(user_agent: str) -> str:
    """Browser and system for a mail: `Firefox, Linux`; empty where neither is told."""
    agent = parse(user_agent)
    return ", ".join(known for known in (agent.browser, agent.os) if known != UNKNOWN)


def _device(system: str, user_agent: str) -> str:
    if system == "Android":
        return "phone" if "Mobile" in user_agent else "tablet"
    if system == "iPadOS":
        return "tablet"
    if system in _PHONES:
        return "phone"
    return "computer" if system in _COMPUTERS else UNKNOWN
