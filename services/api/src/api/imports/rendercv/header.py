"""The head of a RenderCV document: who it is, and where to be found."""

from api.imports.drafts import Draft, Entry
from api.imports.reading import Reader

# The address that RenderCV itself makes of a username.
_NETWORKS = {
    "LinkedIn": "https://linkedin.com/in/",
    "GitHub": "https://github.com/",
    "GitLab": "https://gitlab.com/",
    "IMDB": "https://imdb.com/name/",
    "Instagram": "https://instagram.com/",
    "ORCID": "https://orcid.org/",
    "StackOverflow": "https://stackoverflow.com/users/",
    "ResearchGate": "https://researchgate.net/profile/",
    "YouTube": "https://youtube.com/@",
    "Google Scholar": "https://scholar.google.com/citations?user=",
    "Telegram": "https://t.me/",
    "WhatsApp": "https://wa.me/",
    "Leetcode": "https://leetcode.com/u/",
    "X": "https://x.com/",
    "Bluesky": "https://bsky.app/profile/",
    "Reddit": "https://reddit.com/user/",
}


def read(cv: Reader, draft: Draft) -> None:
    basics = draft.basics
    basics.put("name", cv.text("name"))
    basics.put("label", cv.text("headline", "label"))
    basics.put("image", cv.text("photo"))
    for source, target, others in (
        ("email", "email", "emails"),
        ("phone", "phone", "phones"),
        ("website", "url", "urls"),
    ):
        _put_first(basics, cv.texts(source), target, others)
    basics.put("location", {"address": cv.text("location")})
    networks = [_profile(network) for network in cv.elements("social_networks")]
    connections = [_connection(connection) for connection in cv.elements("custom_connections")]
    basics.put("profiles", networks + connections)
    basics.add(cv.rest("sections", "custom_connections", "sections_order"))


def _put_first(basics: Entry, values: list[str], name: str, others: str) -> None:
    """JSON Resume has one of each; more are kept beside it."""
    if values:
        basics.put(name, values[0])
        basics.put(others, values[1:])


def _profile(network: Reader) -> Entry:
    profile = Entry()
    profile.put("network", network.text("network"))
    profile.put("username", network.text("username"))
    prefix = _NETWORKS.get(profile.get("network", ""))
    if prefix and "username" in profile:
        profile.put("url", prefix + profile["username"])
    profile.add(network.rest())
    return profile


def _connection(connection: Reader) -> Entry:
    profile = Entry()
    profile.put("username", connection.text("placeholder"))
    profile.put("url", connection.text("url"))
    profile.add(connection.rest("fontawesome_icon"))
    return profile
