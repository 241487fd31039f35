"""Expected refusals. Anything else that is raised is a defect."""

from typing import ClassVar


class Refusal(Exception):
    """An operation was refused for a reason its caller can act on.

    Subclasses are called `UnableTo...` and live beside the function that raises them. `code` is
    stable: the API publishes it in problem documents. `status` is the HTTP status of the answer.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str, **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.data = data
