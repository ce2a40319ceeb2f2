"""What is said to whoever showed a second factor that was not right."""

from common.problems import Problem, Unauthorized


class InvalidCode(Unauthorized):
    code, title = "INVALID_CODE", "This code is wrong, or was used before"


class TooManyAttempts(Problem):
    """Whoever hears it has shown the first factor already, so that it gives nothing away."""

    status, code, title = 429, "TOO_MANY_ATTEMPTS", "Too many wrong codes; try again later"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"Too many wrong codes; try again in {retry_after} s.", headers={"Retry-After": str(retry_after)}
        )
