"""What an installation holds already has been owned as it is now for as long as anybody knows."""

from datetime import UTC, datetime

from django.db import migrations

SINCE = datetime(1970, 1, 1, tzinfo=UTC)


def begin(apps, schema_editor):
    """Record the present ownership of everything."""
    ownership = apps.get_model("catalogue", "Ownership")
    service, domain, rota = (
        apps.get_model("catalogue", name) for name in ("Service", "Domain", "Rota")
    )
    made = [
        ownership(
            service_id=row.pk,
            owner_id=row.owner_id,
            domain_id=row.domain_id,
            budget_holder_id=row.budget_holder_id,
            funding=row.funding,
            starts_at=SINCE,
        )
        for row in service.objects.all()
    ]
    made += [
        ownership(
            of_domain_id=row.pk,
            owner_id=row.owner_id,
            budget_holder_id=row.budget_holder_id,
            starts_at=SINCE,
        )
        for row in domain.objects.all()
    ]
    made += [
        ownership(rota_id=row.pk, owner_id=row.team_id, domain_id=row.domain_id, starts_at=SINCE)
        for row in rota.objects.all()
    ]
    ownership.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):
    """Fills the table."""

    dependencies = [("catalogue", "0002_ownership")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
