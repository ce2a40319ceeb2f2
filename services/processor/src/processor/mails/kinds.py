"""The kinds of mails: each has a folder in `templates/`, and what there is to know of it beside its words in `mail.toml`.

`security` mails tell somebody what happened to their account, `account` mails are what it takes to use one (the links to
sign in and the like): both are always sent. `notification`s are conveniences, and can be unsubscribed from.
"""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec

Category = Literal["security", "account", "notification"]
UNSUBSCRIBED: Category = "notification"
"""The one category that readers can do without."""
TEMPLATES = Path(__file__).parent / "templates"


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`expires` is the seconds after which the mail is of no use any more, so that it is not sent."""

    category: Category
    expires: Annotated[int, msgspec.Meta(ge=60)]

    @property
    def life(self) -> timedelta:
        return timedelta(seconds=self.expires)


class Allowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many mails one recipient may get in an hour and in a day: of all notifications together, of the others by kind, so
    that a stranger who asks for many of one keeps nobody from another."""

    hour: Annotated[int, msgspec.Meta(ge=1)]
    day: Annotated[int, msgspec.Meta(ge=1)]


ALLOWANCES: dict[Category, Allowance] = {
    "security": Allowance(60, 200),
    "account": Allowance(30, 400),
    "notification": Allowance(20, 100),
}
"""So that nobody can fill somebody else's inbox by pressing "send again", and yet no warning is held back. What strangers may
ask for is limited where they ask: of links 3 in 15 minutes. This has to lie above that, or their asking would use it up and
keep the next link from its owner."""


class WrongKind(Exception):
    """A folder of a mail does not say what it is."""


def load(folder: Path = TEMPLATES) -> dict[str, Kind]:
    """Every kind of mail by the name of its folder. Raises WrongKind, which names the file."""
    return {path.parent.name: _read(path.parent / "mail.toml") for path in folder.glob("*/subject.txt")}


def _read(file: Path) -> Kind:
    try:
        return msgspec.convert(tomllib.loads(file.read_text()), Kind)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise WrongKind(f"{file}: {error}") from None
