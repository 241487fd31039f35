"""What a password must not be, judged by how many guesses it takes."""

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from andon.people.models import Person

#: Of zxcvbn's 0 to 4: 3 withstands an attacker who has the hashes for a while.
_LEAST = 3
#: Beyond this a password is long enough whatever it is made of, and judging it takes long.
_JUDGED = 72


class NotGuessable:
    """Refuses what is guessed soon: repeats, rows of keys, common words, the person's own names."""

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raise ValidationError with what makes it weak and what would be better."""
        known = [user.slug, user.name, user.email, *user.name.split()] if user else []
        found = zxcvbn(password[:_JUDGED], user_inputs=["andon", *filter(None, known)])
        if found["score"] >= _LEAST:
            return
        feedback = found["feedback"]
        words = [feedback["warning"].rstrip("."), *(s.rstrip(".") for s in feedback["suggestions"])]
        said = ". ".join(word for word in words if word)
        raise ValidationError(f"This password is guessed too soon. {said}.", code="guessable")

    def get_help_text(self) -> str:
        """Return what a good password is."""
        return "Four words that do not belong together are easy to remember and hard to guess."
