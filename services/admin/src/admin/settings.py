"""What the admin service is told beyond what every service is."""

from common.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`probe_timeout`: seconds that a service has to say how it is before it counts as unreachable."""

    probe_timeout: float = 1.0
