"""What goes in and out of the profile's routes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

Name = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=NO_CONTROL_CHARACTERS, examples=["Ada Lovelace"])
]
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_CONTROL_CHARACTERS)]
Phone = Annotated[
    str,
    Meta(min_length=3, max_length=40, pattern=r"^[0-9+][0-9 ()./#x-]*$(?!\n)", examples=["+44 20 7946 0000"]),
]
Website = Annotated[
    str, Meta(min_length=1, max_length=2048, pattern=NO_CONTROL_CHARACTERS, examples=["https://example.org"])
]
Locale = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=35,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)",
        description="A language tag (BCP 47).",
        examples=["en", "pt-BR", "zh-Hant-TW"],
    ),
]
Timezone = Annotated[
    str,
    Meta(min_length=1, max_length=64, description="A name of the IANA database.", examples=["Europe/Berlin"]),
]


class ProfileUpdate(Command, frozen=True):
    """What is left out stays as it is; `null` empties a field that may be empty."""

    name: Name | UnsetType = UNSET
    headline: Line | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    location: Line | UnsetType | None = UNSET
    website: Website | UnsetType | None = UNSET
    locale: Locale | UnsetType = UNSET
    timezone: Timezone | UnsetType = UNSET


class ProfileRead(Schema):
    """A profile as its owner sees it."""

    user_id: UUID
    email: str
    name: str
    headline: str | None
    phone: str | None
    location: str | None
    website: str | None
    locale: str
    timezone: str
    version: int
    created_at: datetime
    updated_at: datetime
