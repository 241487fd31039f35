"""Something about Andon itself that somebody has to mend."""

from dataclasses import dataclass
from datetime import datetime

from andon.core import masking


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps Andon from doing its work, in words.

    Shown on `/healthz` (`what` alone, which tells strangers nothing), the first page and the
    engine's page, and told to the fallback contacts.
    """

    #: The same for as long as it lasts: `messages:email:installation`.
    name: str
    #: One sentence without names, addresses and what others said, and without its full stop.
    what: str
    since: datetime
    #: What the other side, or our own machine, said.
    said: str = ""
    #: What Andon does about it until it is mended.
    meanwhile: str = (
        "Andon goes on trying while pages are open, and uses whatever else reaches people"
    )
    #: What is said when it is over.
    over: str = "no message of Andon waits any more"
    #: Whether it is Andon that needs mending, and not a sender: only then it is unhealthy.
    is_ours: bool = True

    @property
    def words(self) -> str:
        """Return all of it, for people who have signed in."""
        return f"{self.what}: {self.said}" if self.said else self.what

    def __post_init__(self) -> None:
        """Keep addresses and keys out of what others said, whoever makes the value."""
        object.__setattr__(self, "said", masking.text(self.said))
