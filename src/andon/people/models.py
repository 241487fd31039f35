"""People, teams, contact methods, API keys."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q

from andon.people.types import Door, LinkPurpose


class PersonManager(BaseUserManager["Person"]):
    """Lets Django's own commands make people."""

    def create_superuser(
        self, slug: str, password: str | None = None, **fields: object
    ) -> "Person":
        """Make a person who may administer this installation."""
        person = self.model(slug=slug, is_staff=True, is_superuser=True, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in, is on call, or both. The catalogue's `User` entities become people."""

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True, default="")
    timezone = models.CharField(max_length=60, default="Europe/London")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    #: `catalogue` rows follow the files; `person` rows were made by hand and are left alone.
    source = models.CharField(max_length=20, default="person")
    retired_at = models.DateTimeField(null=True, blank=True)
    #: Since when an account is switched off by hand: what was served before stays as it was.
    inactive_at = models.DateTimeField(null=True, blank=True)

    objects = PersonManager()

    USERNAME_FIELD = "slug"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ", 1)[0]


class Team(models.Model):
    """A product team. It owns services; a service has exactly one owning team."""

    slug = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    email = models.EmailField(blank=True, default="")
    channel = models.CharField(max_length=200, blank=True, default="")
    #: As in the catalogue's `WorkingHours`; empty means the organisation's.
    working_hours = models.JSONField(default=dict, blank=True)
    members = models.ManyToManyField(Person, through="Membership", related_name="teams")
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """A person belongs to a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "person"), name="membership_once"),)

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"


class ContactMethod(models.Model):
    """One address of a person. Lower `position` is tried first; all of a step go out together."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_methods")
    #: The name of a `ContactKind` that a folder of `integrations` declares.
    kind = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=0)
    #: `catalogue` rows follow the files; `person` rows are the person's own and are left alone.
    source = models.CharField(max_length=20, default="catalogue")
    #: Why a transport last refused this address for good; empty while it works.
    fault = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("person_id", "position", "id")
        constraints = (
            models.UniqueConstraint(fields=("person", "kind", "address"), name="contact_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.person}"


class ApiKey(models.Model):
    """A key for the REST API, acting for one person. Only its hash is stored."""

    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="api_keys")
    created_at = models.DateTimeField()
    #: From when on it opens nothing; None for a key without an end.
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("digest",), name="apikey_live", condition=Q(revoked_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}...)"


class SignInTry(models.Model):
    """A try to sign in that has not succeeded, kept for as long as limits look back."""

    at = models.DateTimeField()
    name = models.CharField(max_length=63)
    network = models.CharField(max_length=43)
    device = models.CharField(max_length=32, default="")
    door = models.CharField(max_length=10, default=Door.PASSWORD.value)

    class Meta:
        indexes = (
            models.Index(fields=("name", "-at"), name="sign_in_name"),
            models.Index(fields=("network", "-at"), name="sign_in_network"),
        )

    def __str__(self) -> str:
        return f"a try at {self.at}"


class SignInLink(models.Model):
    """A link that opens an account once. Only its hash is stored."""

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=10, choices=[(p.value, p.value) for p in LinkPurpose])
    #: Whom it signs in; nobody yet in a set-up link.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    next_path = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("person", "-created_at"), name="sign_in_link_person"),)

    def __str__(self) -> str:
        return f"a {self.purpose} link of {self.created_at}"
