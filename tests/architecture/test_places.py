"""A text field is added to services in three places; all that is written, kept and said follows."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.tree import PACKAGE, ROOT

#: Every line that somebody writes, and after which one. The migration is made by Django.
PLACES = {
    "catalogue/types/services.py": (
        "    lifecycle: Annotated[str, spec(kept=True)]\n",
        '    contract: Annotated[str, note("contract", "What it is run under.", kept=True)]\n',
    ),
    "catalogue/models.py": (
        '    lifecycle = models.CharField(max_length=63, default="production")\n',
        '    contract = models.CharField(max_length=200, blank=True, default="")\n',
    ),
    "web/api/services.py": ("    lifecycle: str\n", "    contract: str\n"),
}
MOST_PLACES = 3
CATALOGUE = """apiVersion: andon.dev/v1
kind: Organisation
metadata: {name: org}
spec: {currency: GBP, fallback: [{email: duty@org.example}], catchAllRota: team-a}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a}
spec: {type: team, children: []}
---
apiVersion: andon.dev/v1
kind: Rota
metadata: {name: team-a}
spec: {team: team-a, rotation: {startsOn: 2026-01-05}, participants: [ann, ben, cat]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations: {andon.dev/availability-target: "99.9", andon.dev/contract: "CONTRACT"}
spec: {type: service, lifecycle: production, owner: team-a}
"""
PERSON = """---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: NAME}
spec: {memberOf: [team-a], profile: {email: NAME@org.example}}
"""
#: Runs on the changed copy, with its tables made from its models.
FOLLOWS = """
import json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

django.setup()
settings.MIGRATION_MODULES = {app.label: None for app in django.apps.apps.get_app_configs()}
call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)

from andon.catalogue import actions, models
from andon.catalogue.rules.documents.check import check_folder
from andon.core.documents.source import read_folder
from andon.web.api import services
from scripts import declared

folder, now = Path(sys.argv[1]), datetime(2026, 11, 2, 10, tzinfo=UTC)
file = folder / "catalogue.yaml"

def apply(minutes):
    at = now + timedelta(minutes=minutes)
    return actions.apply_folder(path=folder, by="ann", now=at).changes

def said(text):
    file.write_text(file.read_text().replace("CONTRACT", text))

def rules(text):
    short = file.read_text()
    file.write_text(short.replace("CONTRACT", text))
    found = [one.rule for one in check_folder(read_folder(folder)).errors]
    file.write_text(short)
    return found

too_long = rules("x" * 300)
said("gold")
first, again = apply(0), apply(1)
file.write_text(file.read_text().replace("gold", "silver"))
[change] = apply(2)
written = declared.written()
print(json.dumps({
    "refused": too_long,
    "first": "service" in {one.kind for one in first},
    "again": len(again),
    "changed": {name: list(pair) for name, pair in change.as_json()["fields"].items()},
    "row": models.Service.objects.get(slug="checkout").contract,
    "api": services.get_service(None, "checkout").contract,
    "schema": "andon.dev/contract" in written[declared.SCHEMAS / "component.json"],
    "docs": "| `andon.dev/contract` |" in written[declared.PAGE],
}))
"""


def test_a_text_field_of_a_service_is_added_in_three_places(tmp_path: Path) -> None:
    copy = tmp_path / "src" / "andon"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert len(PLACES) <= MOST_PLACES
    for place, (after, line) in PLACES.items():
        text = (copy / place).read_text(encoding="utf-8")
        assert text.count(after) == 1, place
        (copy / place).write_text(text.replace(after, after + line), encoding="utf-8")
    folder = tmp_path / "catalogue"
    folder.mkdir()
    people = "".join(PERSON.replace("NAME", name) for name in ("ann", "ben", "cat"))
    (folder / "catalogue.yaml").write_text(CATALOGUE + people, encoding="utf-8")
    home = {"ANDON_HOME": str(tmp_path / "home"), "ANDON_DATABASE_URL": "", "ANDON_SECRET_KEY": "x"}

    done = subprocess.run(
        [sys.executable, "-c", FOLLOWS, str(folder)],
        env={
            **os.environ,
            **home,
            "DJANGO_SETTINGS_MODULE": "andon.project.settings",
            "PYTHONPATH": f"{tmp_path / 'src'}:{ROOT}",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == {
        "refused": ["too-long"],
        "first": True,
        "again": 0,
        "changed": {"contract": ["gold", "silver"]},
        "row": "silver",
        "api": "silver",
        "schema": True,
        "docs": True,
    }
