"""Mails as staff see them: what became of each, and who gets none. Addresses go in, and never out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema
from processor.mails.models import Outcome, Reason

Address = Annotated[str, Meta(min_length=3, max_length=320, pattern=NO_CONTROL_CHARACTERS)]


class MailRead(Schema):
    """`recipient` stands for the address: the same for all mails to it. `category` and `recipient` are empty for mails of
    before these were kept."""

    job_id: UUID
    template: str
    category: str
    language: str
    recipient: str
    message_id: str
    outcome: Outcome
    reason: str
    attempts: int
    at: datetime


class SuppressionRead(Schema):
    """`category` is `all` for a recipient that gets no mails whatever."""

    id: UUID
    recipient: str
    category: str
    reason: Reason
    at: datetime


class SuppressionCreate(Command, frozen=True, kw_only=True):
    """Put an address on the list: because of a complaint, or by hand."""

    address: Address
    category: Literal["notification", "account", "security", "all"] = "all"
    reason: Literal["complained", "manual"] = "manual"
