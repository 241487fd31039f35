"""What a page is about was one coded text: it is its kind and a reference."""

from django.db import migrations, models

from andon.core.migrations._subjects import take_apart


def move(apps, schema_editor):
    """Take the subjects of all pages apart."""
    take_apart(apps.get_model("paging", "Page"))


class Migration(migrations.Migration):
    dependencies = [("paging", "0005_kind")]

    operations = [
        migrations.AddField(
            model_name="page",
            name="subject_kind",
            field=models.CharField(
                choices=[("service", "service"), ("ticket", "ticket"), ("unknown", "unknown")],
                default="unknown",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="page",
            name="subject_ref",
            field=models.CharField(default="", max_length=540),
            preserve_default=False,
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="page", name="page_open_once"),
        migrations.RemoveField(model_name="page", name="subject"),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=("kind", "subject_kind", "subject_ref"),
                name="page_open_once",
            ),
        ),
    ]
