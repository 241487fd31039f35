"""Who has the turn is one table: the duties of `slo`, and what counters kept as instants."""

from datetime import UTC, datetime, timedelta

from django.db import migrations, models

from andon.core.moving import CONTENT_TYPES, taken_over

DUTY = migrations.CreateModel(
    name='Duty',
    fields=[
        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
        ('name', models.CharField(max_length=60, unique=True)),
        ('next_at', models.DateTimeField()),
        ('lease_until', models.DateTimeField(null=True)),
        ('fence', models.PositiveIntegerField(default=0)),
        ('memory', models.JSONField(default=dict)),
    ],
)
#: How often each is somebody's turn; all others are alarms.
EVERY = {'housekeeping': timedelta(minutes=1), 'heartbeat': timedelta(minutes=1)}
_ALARM = _LEDGER = timedelta(hours=1)


def divide(apps, _) -> None:
    """Make leases and a mark of the counters that are no numbers; locks need no row any longer."""
    counters = apps.get_model('core', 'Counter').objects
    leases = apps.get_model('core', 'TurnLease').objects
    for counter in counters.filter(name__startswith='turn:').exclude(name='turn:store'):
        name = counter.name.removeprefix('turn:')
        next_at = _instant(counter.value) + EVERY.get(name, _LEDGER if name == 'ledger' else _ALARM)
        leases.get_or_create(name=name, defaults={'next_at': next_at})
    for counter in counters.filter(name__startswith='sample:'):
        kind = counter.name.removeprefix('sample:')
        apps.get_model('core', 'SampleMark').objects.create(kind=kind, made_at=_instant(counter.value))
    counters.exclude(name='incident').delete()


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_set_aside'),
        ('slo', '0006_rooms'),
        CONTENT_TYPES,
    ]

    operations = [
        *taken_over(source='slo', target='core', models=[DUTY]),
        migrations.RenameModel(old_name='Duty', new_name='TurnLease'),
        migrations.CreateModel(
            name='SampleMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.RunPython(divide, migrations.RunPython.noop),
    ]
