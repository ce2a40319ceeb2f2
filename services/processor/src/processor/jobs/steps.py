"""The steps of a job as they are reached, for those who want to know what happens when a process dies exactly there.

In the order in which they come: `taken_in` (the job is on the queue), `acked` (its message is answered), `claimed`, the
name of each stage once it is over (`fetching`, `copying`, `rendering`, `storing`; `sending`), `committed`. Nothing of
the processor listens.
"""

from collections.abc import Callable
from uuid import UUID

Listener = Callable[[str, UUID], None]

listeners: list[Listener] = []
"""Called within the step, before anything that follows it: a listener that kills the process kills it there."""


def reached(step: str, job_id: UUID) -> None:
    for listener in listeners:
        listener(step, job_id)
