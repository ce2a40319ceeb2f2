"""Who a request came from, as far as the connection tells."""

import msgspec

LONGEST_IP, LONGEST_AGENT = 45, 300


class Caller(msgspec.Struct, frozen=True):
    """The address (as trusted proxies vouch for it) and what the browser calls itself."""

    ip: str
    user_agent: str


def shortened(user_agent: str) -> str:
    """`user_agent` as it is stored: printable, and not longer than LONGEST_AGENT."""
    return "".join(c for c in user_agent if c.isprintable())[:LONGEST_AGENT]
