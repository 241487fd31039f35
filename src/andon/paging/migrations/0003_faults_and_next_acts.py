"""Whose fault a failure was, and a next act for every page that nobody has taken."""

from django.conf import settings
from django.db import migrations, models


def give_next_act(apps, schema_editor):
    """Take the pages round again that had been given up: they are due now."""
    pages = apps.get_model("paging", "Page").objects.filter(state="unanswered", next_at=None)
    pages.update(next_at=models.F("unanswered_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("paging", "0002_acknowledged_by_sender"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="failing_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="fault",
            field=models.CharField(default="", max_length=15),
        ),
        migrations.AddField(
            model_name="notification",
            name="server",
            field=models.CharField(default="", max_length=300),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("failing_since__isnull", False)),
                fields=["kind", "failing_since"],
                name="notification_failing",
            ),
        ),
        migrations.RunPython(give_next_act, migrations.RunPython.noop),
    ]
