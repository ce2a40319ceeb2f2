"""What the admin service is told beyond what every service is."""

from typing import Annotated

from msgspec import Meta

from common.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`probe_timeout`: seconds that a service has to say how it is before it counts as unreachable.

    `step_up_max_age`: seconds after which staff have to show their second factor again before they change something.
    """

    probe_timeout: float = 1.0
    step_up_max_age: Annotated[int, Meta(ge=60, le=86400)] = 900
