"""A drill is told by its kind: the word is no part of its title."""

from django.db import migrations

from andon.core.migrations._drills import take_word_off


def mend(apps, schema_editor):
    """Take the word off the titles of exercises."""
    take_word_off(apps.get_model("incidents", "Incident"), "title")


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_subject_in_columns")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
