"""The scopes that an app may be given. What each means in words of people is in `templates/scopes.html`."""

from common.tokens import PLATFORM_SCOPE

OPENID, OFFLINE_ACCESS = "openid", "offline_access"
SCOPES = (
    OPENID,
    "profile",
    "email",
    "resumes:read",
    "resumes:write",
    "account:read",
    "account:write",
    "render:write",
    OFFLINE_ACCESS,
    PLATFORM_SCOPE,
)
"""In the order in which people are shown them. `platform` is for the platform's own front ends alone."""
THIRD_PARTY_SCOPES = frozenset(SCOPES) - {PLATFORM_SCOPE}
