"""What handlers of this service ask for by name, beyond what `common.dependencies` has."""

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from api.contents.cache import ContentCache

Contents = NamedDependency[SkipValidation[ContentCache]]
"""The cache that has to learn of every change of a resume."""


def _contents(state: State) -> ContentCache:
    found: ContentCache = state.contents
    return found


PROVIDERS = {"cache": Provide(_contents, sync_to_thread=False)}
