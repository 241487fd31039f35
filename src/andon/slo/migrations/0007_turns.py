"""Whose turn it is belongs to `core`: with its table."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('slo', '0006_rooms'),
        ('core', '0004_turns'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name='Duty')],
        ),
    ]
