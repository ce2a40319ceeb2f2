"""What a request asks for, as what is rendered; and how it is told that it cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from common.blobs import BlobsUnavailable
from common.http import ServiceUnavailable
from common.problems import FieldError, Problem, Unavailable
from processor.documents.schemas import DocumentContent, Look, styles
from processor.rendering import (
    EngineUnavailable,
    InvalidOption,
    RenderFailed,
    RenderTimedOut,
    Template,
)
from processor.rendering.documents import Document, Photo
from processor.rendering.turns import TooManyOfOne
from processor.uploads.shelf import Shelf


class NotRenderable(Problem):
    status, code, title = 422, "NOT_RENDERABLE", "This cannot be rendered"


class TooManyWaiting(Problem):
    status, code, title = 429, "TOO_MANY_WAITING", "Too many of your documents are waiting"

    def __init__(self) -> None:
        super().__init__("Wait for what you asked for before.", headers={"Retry-After": "1"})


async def template_of(shelf: Shelf, wanted: Look, user_id: UUID) -> Template:
    """The template in the version that is asked for, else the newest that the user may use. Raises NotRenderable."""
    version = wanted.template_version
    found = await shelf.find(wanted.template, version, user_id=user_id)
    if found is None:
        is_known = version is not None and await shelf.find(wanted.template, None, user_id=user_id)
        raise refusal("$.templateVersion" if is_known else "$.template", "there is no such template")
    return found


def document_of(
    wanted: DocumentContent, *, photo: Photo | None = None, made_on: date | None = None
) -> Document:
    return Document(
        wanted.content, wanted.language, wanted.title, styles(wanted), wanted.kind, photo, made_on
    )


def refusal(path: str, message: str) -> NotRenderable:
    return NotRenderable(f"{path}: {message}", errors=[FieldError(path, message)])


@contextmanager
def refusals() -> Iterator[None]:
    """Tell what goes wrong in rendering as problems: NotRenderable, TooManyWaiting or Unavailable."""
    try:
        yield
    except InvalidOption as error:
        raise refusal(f"$.options.{error.option}", error.reason) from error
    except (BlobsUnavailable, ServiceUnavailable) as error:
        raise Unavailable("The photo cannot be read right now.") from error
    except TooManyOfOne as error:
        raise TooManyWaiting from error
    except EngineUnavailable as error:
        raise Unavailable(str(error), retry_after=error.retry_after) from error
    except RenderTimedOut as error:
        raise Unavailable("Rendering takes too long right now.", retry_after=5) from error
    except RenderFailed as error:
        raise NotRenderable(str(error)) from error
