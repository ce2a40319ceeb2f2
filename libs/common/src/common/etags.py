"""Entity tags of versioned resources: `"v3"` is version 3 (RFC 9110, sections 8.8 and 13.1)."""

from typing import Annotated

from litestar.params import HeaderParameter

from common.problems import VersionConflict

IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description='Only if it is still this: `"v3"`')
]
IfNoneMatch = Annotated[
    str | None, HeaderParameter(name="If-None-Match", description='304 if it is still this: `"v3"`')
]


def of(version: int) -> str:
    return f'"v{version}"'


def require(if_match: str | None, version: int) -> None:
    """Raise VersionConflict if the caller made its change for another version than the current one."""
    if if_match is not None and not _names(if_match, version, weak=False):
        raise VersionConflict(f"The current version is {of(version)}; read it and try again.")


def is_current(if_none_match: str | None, version: int) -> bool:
    """Whether the caller has this version already (304)."""
    return if_none_match is not None and _names(if_none_match, version, weak=True)


def _names(header: str, version: int, *, weak: bool) -> bool:
    """Whether a list of tags, or `*`, names the version; a weak tag counts only in a weak comparison."""
    tags = {tag.strip() for tag in header.split(",")}
    return bool(tags & {"*", of(version), *([f"W/{of(version)}"] if weak else [])})
