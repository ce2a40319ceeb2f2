"""The platform's own front ends: clients like any other, but that people need not consent to what is theirs."""

from sso.clients.schemas import PUBLIC_URL, FirstPartyClient


def front_ends() -> dict[str, FirstPartyClient]:
    """Those that there are unless `SSO_FIRST_PARTY_CLIENTS` says otherwise, by their ids."""
    return {
        "resume-ui": _in_browser("resuMAX", f"{PUBLIC_URL}/"),
        "account-ui": _in_browser("resuMAX account", f"{PUBLIC_URL}/account/"),
        "mobile": FirstPartyClient(
            name="resuMAX on your phone",
            redirect_uris=["com.resumax.app:/callback"],
            post_logout_redirect_uris=["com.resumax.app:/"],
        ),
    }


def _in_browser(name: str, address: str) -> FirstPartyClient:
    return FirstPartyClient(
        name=name, redirect_uris=[address], post_logout_redirect_uris=[address], home_uri=address
    )
