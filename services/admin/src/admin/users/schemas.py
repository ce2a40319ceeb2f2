"""What comes in by the routes of users; what goes out is the SSO's (`common.contracts.users`)."""

from typing import Annotated

from msgspec import Meta

from common.schemas import Command

Reason = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$(?!\n)",
        description="Kept in the audit log.",
        examples=["Spam from this account, ticket 4711"],
    ),
]


class WithReason(Command, frozen=True):
    """Why this is done."""

    reason: Reason


class WithOptionalReason(Command, frozen=True):
    """Why this is done, if there is something to say."""

    reason: Reason | None = None


class ImpersonationRequest(Command, frozen=True):
    """Why, which the user is told, and for how many minutes."""

    reason: Reason
    minutes: Annotated[int, Meta(ge=1, le=60)] = 15
