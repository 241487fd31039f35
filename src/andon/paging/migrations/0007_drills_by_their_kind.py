"""A drill is told by its kind: the word is no part of its summary."""

from django.db import migrations

from andon.core.migrations._drills import take_word_off


def mend(apps, schema_editor):
    """Take the word off the summaries of exercises."""
    take_word_off(apps.get_model("paging", "Page"), "summary")


class Migration(migrations.Migration):
    dependencies = [("paging", "0006_subject_in_columns")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
