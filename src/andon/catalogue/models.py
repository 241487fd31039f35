"""What people declare in files: the organisation, services, domains, targets, rotas."""

from django.db import models
from django.db.models import F, Q

from andon.catalogue.types import Cover, DomainKind, Hardness


class Revision(models.Model):
    """One applied state of the catalogue folder: the plan that was carried out."""

    applied_at = models.DateTimeField()
    applied_by = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    plan = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"revision {self.pk}"


class Organisation(models.Model):
    """The organisation's one document."""

    slug = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    document = models.JSONField()

    def __str__(self) -> str:
        return self.title


class Domain(models.Model):
    """Sibling services under one budget holder: a product domain or an architectural one."""

    slug = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in DomainKind])
    owner = models.ForeignKey("people.Team", on_delete=models.PROTECT, null=True, related_name="+")
    budget_holder = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Service(models.Model):
    """A digital service or foundational system. Exactly one team owns it."""

    slug = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    kind = models.CharField(max_length=63, default="service")
    lifecycle = models.CharField(max_length=63, default="production")
    system = models.CharField(max_length=63, blank=True, default="")
    owner = models.ForeignKey("people.Team", on_delete=models.PROTECT, related_name="+")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, null=True, related_name="services")
    budget_holder = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    funding = models.CharField(max_length=10, blank=True, default="")
    #: Minor units per hour of full unavailability; null when nobody has estimated it yet.
    exposure_minor = models.BigIntegerField(null=True)
    exposure_currency = models.CharField(max_length=3, blank=True, default="")
    deployment_target = models.CharField(max_length=20, blank=True, default="")
    cover_override = models.CharField(
        max_length=10, blank=True, default="", choices=[(c.value, c.value) for c in Cover]
    )
    cover_reason = models.TextField(blank=True, default="")
    #: The annotations of the insurance model, as they were written.
    insurance = models.JSONField(default=dict, blank=True)
    #: The annotations that generated telemetry is made from, as they were written.
    telemetry = models.JSONField(default=dict, blank=True)
    runbook_url = models.URLField(max_length=500, blank=True, default="")
    dashboard_url = models.URLField(max_length=500, blank=True, default="")
    links = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    #: Where the entity was declared, `file:line`, and the digest of what was declared.
    declared_at = models.CharField(max_length=500, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    updated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    #: When the grace after retirement ran out: from then on its alerts are a catalogue gap.
    lapsed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("slug",), name="service_live", condition=Q(retired_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return self.title


class Ownership(models.Model):
    """Whose a service, domain or rota was in `[starts_at, ends_at)`; null is the one in force.

    Written by apply, so that what something cost is borne by whoever had it then.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, null=True, related_name="+")
    of_domain = models.ForeignKey(Domain, on_delete=models.CASCADE, null=True, related_name="+")
    rota = models.ForeignKey("Rota", on_delete=models.CASCADE, null=True, related_name="+")
    owner = models.ForeignKey("people.Team", on_delete=models.PROTECT, null=True, related_name="+")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, null=True, related_name="+")
    budget_holder = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    funding = models.CharField(max_length=10, blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(service__isnull=False, of_domain__isnull=True, rota__isnull=True)
                | Q(service__isnull=True, of_domain__isnull=False, rota__isnull=True)
                | Q(service__isnull=True, of_domain__isnull=True, rota__isnull=False),
                name="ownership_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="ownership_ends_after",
            ),
            *(
                models.UniqueConstraint(
                    fields=(kind,), condition=Q(ends_at__isnull=True), name=f"ownership_{kind}"
                )
                for kind in ("service", "of_domain", "rota")
            ),
        )

    def __str__(self) -> str:
        return f"{self.service or self.of_domain or self.rota} from {self.starts_at}"


class ServiceAlias(models.Model):
    """Another name a service answers to: a former slug, or the name a monitoring tool uses."""

    alias = models.CharField(max_length=200, unique=True)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="aliases")

    def __str__(self) -> str:
        return self.alias


class AvailabilityTarget(models.Model):
    """A service's availability target in parts per million, in force in `[starts_at, ends_at)`."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="targets")
    ppm = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=10, default="base")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="target_ends_after",
            ),
            models.CheckConstraint(
                condition=Q(ppm__gt=0, ppm__lt=1_000_000), name="target_possible"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ppm / 10_000}% of {self.service}"


class Resource(models.Model):
    """Something services use: a database has exactly one consuming service."""

    slug = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=63)
    owner = models.ForeignKey("people.Team", on_delete=models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Dependency(models.Model):
    """A service needs another service or a resource. Exactly one of the two is named."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="dependencies")
    on_service = models.ForeignKey(
        Service, on_delete=models.CASCADE, null=True, related_name="dependants"
    )
    on_resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, null=True, related_name="dependants"
    )
    hardness = models.CharField(max_length=10, choices=[(h.value, h.value) for h in Hardness])

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(on_service__isnull=False) ^ Q(on_resource__isnull=False),
                name="dependency_on_one_thing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service} needs {self.on_service or self.on_resource}"


class Rota(models.Model):
    """A declared rota. Its versions hold what it says, so that the past stays as it was worked."""

    slug = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    team = models.ForeignKey("people.Team", on_delete=models.PROTECT, null=True, related_name="+")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, null=True, related_name="rotas")
    covers = models.CharField(max_length=20, default="always")
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class RotaVersion(models.Model):
    """What a rota's document said in `[starts_at, ends_at)`; `ends_at` null is the one in force."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="versions")
    document = models.JSONField()
    #: The turn that ran when this version began, and the order from there; see `rules.succession`.
    carried = models.JSONField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("rota_id", "starts_at")

    def __str__(self) -> str:
        return f"{self.rota} from {self.starts_at}"


class Finding(models.Model):
    """Something wrong with a declared entity, shown on its page until it is mended."""

    kind = models.CharField(max_length=63)
    slug = models.CharField(max_length=200)
    level = models.CharField(max_length=10)
    rule = models.CharField(max_length=60)
    message = models.TextField()
    fix = models.TextField(blank=True, default="")
    where = models.CharField(max_length=500, blank=True, default="")
    seen_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("kind", "slug"), name="finding_entity"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.slug}: {self.message}"


class Said(models.Model):
    """What the files say of an entity in words, for search: more than its own columns keep.

    Kept by apply. `lines` is `what: words`, a line each; `folded` is all of it with its names, in
    small letters without accents.
    """

    kind = models.CharField(max_length=20)
    slug = models.CharField(max_length=63)
    lines = models.TextField(blank=True, default="")
    folded = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "slug"), name="said_once"),)

    def __str__(self) -> str:
        return f"what is said of {self.kind} {self.slug}"
