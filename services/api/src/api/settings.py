"""What the api service is told beyond what every service is."""

from common.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`streams_per_user` bounds the event streams that one user may hold open at one replica."""

    streams_per_user: int = 20
