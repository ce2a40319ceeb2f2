"""What can be wrong with an upload."""

from typing import ClassVar

from common.problems import NotFound, Problem


class AssetNotFound(NotFound):
    title = "Asset not found"


class TypeNotAllowed(Problem):
    status, code, title = 422, "TYPE_NOT_ALLOWED", "Files of this type are not taken"


class FileTooLarge(Problem):
    status, code, title = 422, "FILE_TOO_LARGE", "The file is too large"


class QuotaExceeded(Problem):
    status, code, title = 409, "QUOTA_EXCEEDED", "There is no room for more files"


class NotUploaded(Problem):
    status, code, title = 409, "NOT_UPLOADED", "The file was not uploaded yet"


class BeingCompleted(Problem):
    status, code, title = 409, "BEING_COMPLETED", "The upload is being looked at right now"


class CropOutOfBounds(Problem):
    status, code, title = 422, "CROP_OUT_OF_BOUNDS", "The crop is not within the picture"


class UploadRefused(Problem):
    """What was uploaded is no good, for good; it is deleted."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "UPLOAD_REFUSED"
    title: ClassVar[str] = "The uploaded file is refused"


class NotWhatItSays(UploadRefused):
    code, title = "NOT_WHAT_IT_SAYS", "The uploaded file is not of the type that was announced"


class SizeMismatch(UploadRefused):
    code, title = "SIZE_MISMATCH", "The uploaded file has not the size that was announced"


class ImageTooLarge(UploadRefused):
    code, title = "IMAGE_TOO_LARGE", "The picture has too many pixels"


class FileBroken(UploadRefused):
    code, title = "FILE_BROKEN", "The uploaded file is broken or cut off"


class FileUnsafe(UploadRefused):
    code, title = "FILE_UNSAFE", "The uploaded file holds what is not taken"


class NoRoom(UploadRefused):
    code, title = "QUOTA_EXCEEDED", "There is no room for more files"


_REFUSALS = {
    refusal.code: refusal
    for refusal in (NotWhatItSays, SizeMismatch, ImageTooLarge, FileBroken, FileUnsafe, NoRoom)
}


def refusal(code: str | None) -> UploadRefused:
    """The refusal that was given before."""
    return _REFUSALS.get(code or "", UploadRefused)()
