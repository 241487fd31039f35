"""What is wrong with documents: which rule, where, and what to do about it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Gravity(StrEnum):
    """How bad a problem in the files is: an error keeps everything from being applied."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """Something wrong in people's files: which rule, where, and what to do about it."""

    rule: str
    message: str
    fix: str
    file: str
    line: int
    gravity: Gravity = Gravity.ERROR
    #: The entity in Andon's words (`service`, `team`, ...); empty when it is a whole file's.
    kind: str = ""
    slug: str = ""
    #: The name whose absence it is about: nothing is wrong if an unread file declares it.
    missing: str = ""

    @property
    def where(self) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Unread(DocumentProblem):
    """A file, or the rest of one, that could not be read, with what stands in it."""

    text: str = field(default="", repr=False)
