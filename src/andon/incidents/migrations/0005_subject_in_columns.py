"""What an incident is about was one coded text: it is its kind and a reference."""

from django.db import migrations, models

from andon.core.migrations._subjects import take_apart


def move(apps, schema_editor):
    """Take the subjects of all incidents apart."""
    take_apart(apps.get_model("incidents", "Incident"))


class Migration(migrations.Migration):
    dependencies = [("incidents", "0004_down")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="subject_kind",
            field=models.CharField(
                choices=[("service", "service"), ("ticket", "ticket"), ("unknown", "unknown")],
                default="unknown",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="incident",
            name="subject_ref",
            field=models.CharField(default="", max_length=540),
            preserve_default=False,
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="incident", name="incident_active_once"),
        migrations.RemoveField(model_name="incident", name="subject"),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("open", "acknowledged"))),
                fields=("kind", "subject_kind", "subject_ref"),
                name="incident_active_once",
            ),
        ),
    ]
