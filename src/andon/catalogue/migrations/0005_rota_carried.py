"""Edited rotas go on where they were. Versions that are there already keep counting as they did.

Without a value a version counts from its first hand-over, as all did so far: nobody's turn moves
when an installation is updated.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0004_service_telemetry"),
    ]

    operations = [
        migrations.AddField(
            model_name="rotaversion",
            name="carried",
            field=models.JSONField(null=True),
        ),
    ]
