"""The database refuses to change a posting.

SQLite makes a new table when a column of it changes, and loses the trigger: a later migration of
`posting` must end with `make` again. tests/stages/costing/test_ledger.py would notice.
"""

from django.db import migrations

MESSAGE = "a posting is never changed: reverse it"
SQLITE = f"""
CREATE TRIGGER posting_immutable BEFORE UPDATE ON costing_posting
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
"""
FUNCTION = f"""
CREATE FUNCTION posting_immutable() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END
$$ LANGUAGE plpgsql
"""
POSTGRES = """
CREATE TRIGGER posting_immutable BEFORE UPDATE ON costing_posting
FOR EACH ROW EXECUTE FUNCTION posting_immutable()
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
        schema_editor.execute("DROP TRIGGER posting_immutable ON costing_posting")
        schema_editor.execute("DROP FUNCTION posting_immutable")
    else:
        schema_editor.execute("DROP TRIGGER posting_immutable")


class Migration(migrations.Migration):
    """Adds the trigger."""

    dependencies = [("costing", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
