"""What is answered to a new content."""

from api.contents.json_resume import Warning
from api.resumes.schemas import ResumeRead


class ContentWritten(ResumeRead, kw_only=True):
    """The resume, and the first hundred places of its document that were hidden, because they may be what was hidden
    before, or are not as JSON Resume says. They were kept."""

    warnings: list[Warning]
