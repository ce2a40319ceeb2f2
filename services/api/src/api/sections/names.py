"""What a new section is called: its member in the document, which it keeps for ever."""

from collections.abc import Collection
from itertools import count

from api.contents.document import may_be_section
from common.problems import FieldError, Problem

_LONGEST = 64


class SectionNameTaken(Problem):
    status, code, title = 409, "SECTION_NAME_TAKEN", "The resume has a section of this name"


class MemberIsNoSection(Problem):
    status, code, title = 409, "MEMBER_IS_NO_SECTION", "This member of the document is no section"


def choose(name: str | None, *, kind: str, members: Collection[str], sections: Collection[str]) -> str:
    """`name`, or else one like `kind`, in a document of `members`, of which `sections` are sections.

    Raises SectionNameTaken, MemberIsNoSection.
    """
    if name is None:
        return _free(kind, set(members))
    if name in sections:
        raise _refused(SectionNameTaken, f"There is a section {name}; leave `name` out for a free one.")
    if name in members or not may_be_section(name):
        raise _refused(MemberIsNoSection, f"{name} is another part of the document.")
    return name


def _free(kind: str, taken: Collection[str]) -> str:
    """`kind`, else with the first number behind it that is free."""
    for number in count(1):
        suffix = "" if number == 1 else str(number)
        name = kind[: _LONGEST - len(suffix)] + suffix
        if may_be_section(name) and name not in taken:
            return name
    raise AssertionError("numbers end nowhere")


def _refused(problem: type[Problem], message: str) -> Problem:
    return problem(message, errors=[FieldError("$.name", message)])
