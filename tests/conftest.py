"""Shared by all tests: an Andon home of their own, and the database they run on.

SQLite by default; `ANDON_TEST_DATABASE_URL=postgresql://...` runs the same tests on PostgreSQL.
"""

import os
import tempfile

os.environ["ANDON_HOME"] = tempfile.mkdtemp(prefix="andon-test-")
os.environ["ANDON_SECRET_KEY"] = "not a secret: only tests sign with it, 0123456789 0123456789"
os.environ["ANDON_DATABASE_URL"] = os.environ.get("ANDON_TEST_DATABASE_URL", "")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
