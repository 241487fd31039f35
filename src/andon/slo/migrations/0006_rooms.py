"""Rollouts belong to `telemetry`, what is measured of budgets to `budgets`: with their tables."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('slo', '0005_changes'),
        ('telemetry', '0001_from_slo'),
        ('budgets', '0001_from_slo'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name=name)
                for name in ('BudgetPoint', 'BudgetReading', 'TargetLoss', 'Rollout', 'RuleState')
            ],
        ),
    ]
