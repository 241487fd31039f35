"""Takes the old default rate from Alertmanager keys, and PagerDuty's keys from the raw log."""

import re

import msgspec
from django.db import migrations

#: The default of all keys before Alertmanager's had none.
_OLD_RATE = 1200
_KEY = re.compile(rb'("routing_key"\s*:\s*"[^"\\]{0,4})([^"\\]*)')


def _masked(body):
    return _KEY.sub(lambda found: found.group(1) + b"*" * len(found.group(2)), body)


def take_rates(apps, _schema_editor):
    """Remove the rate that nobody chose."""
    keys = apps.get_model("alerts", "IntegrationKey").objects
    keys.filter(kind="alertmanager", per_minute=_OLD_RATE).update(per_minute=0)


def mask_keys(apps, schema_editor):
    """Mask routing keys in stored requests, a few rows at a time."""
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            # What a row held before is overwritten in the file, not only let go.
            cursor.execute("PRAGMA secure_delete = ON")
    batches = apps.get_model("alerts", "IntakeBatch").objects
    for pk in list(batches.order_by("pk").values_list("pk", flat=True)):
        stored = bytes(batches.values_list("requests", flat=True).get(pk=pk))
        if b'"routing_key"' not in stored:
            continue
        requests = msgspec.msgpack.decode(stored)
        for request in requests:
            if request[1] == "pagerduty":
                request[3] = _masked(bytes(request[3]))
        batches.filter(pk=pk).update(requests=msgspec.msgpack.encode(requests))
    rejected = apps.get_model("alerts", "RejectedRequest").objects.filter(key__kind="pagerduty")
    for pk, body in rejected.values_list("pk", "body").iterator(chunk_size=50):
        rejected.filter(pk=pk).update(body=_masked(bytes(body)))


class Migration(migrations.Migration):
    """Changes rows only."""

    dependencies = [("alerts", "0004_key_faults")]
    operations = [
        migrations.RunPython(take_rates, migrations.RunPython.noop),
        migrations.RunPython(mask_keys, migrations.RunPython.noop),
    ]
