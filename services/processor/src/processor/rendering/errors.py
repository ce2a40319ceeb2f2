"""How rendering fails. No message holds a word of what was to be rendered."""


class RenderFailed(Exception):
    """A document could not be rendered, and would not be the next time. The message says where in the template."""


class RenderTimedOut(RenderFailed):
    """A document took longer than one may take."""


class EngineUnavailable(Exception):
    """What renders is busy, starting or away: the same may work later. `retry_after` is in seconds."""

    def __init__(self, reason: str, *, retry_after: int = 1) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
