"""What addresses that messages go to look like, and what may be shown of one."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from andon.core import masking


@dataclass(frozen=True, slots=True)
class AddressForm:
    """The form of the addresses of a kind."""

    #: The rule of the catalogue that an address of another form breaks.
    rule: str
    #: As editors check it (JSON Schema's dialect).
    pattern: str
    #: What to write, shown to whoever wrote something else.
    example: str
    #: Return an address without what opens it.
    mask: Callable[[str], str]
    longest: int = 500

    def fits(self, text: str) -> bool:
        """Return whether a text is an address of this form."""
        return len(text) <= self.longest and re.search(self.pattern, text) is not None


MAIL = AddressForm(
    rule="email",
    pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)*$",
    example="ann@example.com",
    mask=masking.mail,
    longest=254,
)
URL = AddressForm(
    rule="url",
    pattern=r"^https?://[^\s/]+.*$",
    example="https://HOST/...",
    mask=masking.url,
)
