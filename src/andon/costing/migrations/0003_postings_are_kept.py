"""The database refuses to delete a posting, as it refuses to change one.

Nothing in Andon deletes postings: there is no retention of the ledger, and every foreign key of a
posting protects what it refers to. Whoever has to, by law, drops the trigger first, as docs/costing.md
says. A later migration of `posting` on SQLite must end with `make` again, as 0002 says.
"""

from django.db import migrations

MESSAGE = "a posting is never deleted: reverse it"
SQLITE = f"""
CREATE TRIGGER posting_kept BEFORE DELETE ON costing_posting
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
"""
FUNCTION = f"""
CREATE FUNCTION posting_kept() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END
$$ LANGUAGE plpgsql
"""
POSTGRES = """
CREATE TRIGGER posting_kept BEFORE DELETE ON costing_posting
FOR EACH ROW EXECUTE FUNCTION posting_kept()
"""


def make(apps, schema_editor):
    """Make the trigger."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION)
        schema_editor.execute(POSTGRES)
    else:
        schema_editor.execute(SQLITE)


def drop(apps, schema_editor):
    """Drop it again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER posting_kept ON costing_posting")
        schema_editor.execute("DROP FUNCTION posting_kept")
    else:
        schema_editor.execute("DROP TRIGGER posting_kept")


class Migration(migrations.Migration):
    """Adds the trigger."""

    dependencies = [("costing", "0002_postings_are_immutable")]
    operations = [migrations.RunPython(make, drop)]
