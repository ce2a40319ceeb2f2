"""What the account service is told beyond what every service is."""

from common.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`default_timezone` (IANA) is what a new profile starts with: the SSO does not know where people live."""

    default_timezone: str = "UTC"
