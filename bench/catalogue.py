"""A large catalogue: ten thousand services checked and applied from files, on this machine."""

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.table import Row

SERVICES = 10_000
PER_TEAM = 20
PER_FILE = 100
MOST_SECONDS = 60.0
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)

ORGANISATION = """apiVersion: andon.dev/v1
kind: Organisation
metadata: {name: large}
spec:
  currency: GBP
  availabilityTargets: {preset: fruits-r-us}
  fallback: [{email: duty@large.example}]
  catchAllRota: team-0
"""
TEAM = """---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: team-{n}
  title: Team {n}
spec:
  type: team
  children: []
---
apiVersion: andon.dev/v1
kind: Rota
metadata:
  name: team-{n}
spec:
  team: team-{n}
  covers: always
  rotation: {{unit: week, every: 1, handover: "09:00", startsOn: 2026-01-05}}
  participants: [person-{n}-0, person-{n}-1, person-{n}-2, person-{n}-3]
"""
PERSON = """---
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: person-{n}-{i}
spec:
  profile:
    displayName: Person {n} {i}
    email: person-{n}-{i}@large.example
  memberOf: [team-{n}]
"""
SERVICE = """---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: service-{n}
  title: Service {n}
  description: Does one thing, and service {needed} needs it done.
  annotations:
    andon.dev/availability-target: "{target}"
    andon.dev/deployment-target: weekly
    andon.dev/financial-exposure-per-hour: GBP {exposure}
    andon.dev/runbook: https://runbooks.large.example/service-{n}
    andon.dev/aliases: large/service-{n}
  tags: [python, large]
  links:
    - url: https://code.large.example/service-{n}
      title: Code
spec:
  type: service
  lifecycle: production
  owner: team-{team}
  dependsOn:
    - component:service-{needed}
"""


def main() -> list[Row]:
    """Return how long checking and applying take: first, unchanged, and with one change."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(ANDON_HOME=home, ANDON_DATABASE_URL="")
        os.environ.setdefault("ANDON_SECRET_KEY", "bench")
        os.environ["DJANGO_SETTINGS_MODULE"] = "andon.project.settings"
        folder = Path(home) / "catalogue"
        _generate(folder)
        return _measure(folder)


def _measure(folder: Path) -> list[Row]:
    import django  # noqa: PLC0415 - after the environment is set
    from django.core.management import call_command  # noqa: PLC0415 - after the environment is set

    from andon.catalogue.rules.documents.check import check_folder  # noqa: PLC0415 - after the environment is set
    from andon.core.documents.source import read_folder  # noqa: PLC0415 - after the environment is set

    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)

    from andon.catalogue import actions  # noqa: PLC0415 - after the environment is set

    def apply() -> int:
        plan = actions.apply_folder(path=folder, by="bench", now=NOW)
        return len(plan.changes)

    check_seconds, checked = _timed(lambda: check_folder(read_folder(folder)))
    assert not checked.problems, checked.problems[:5]
    first_seconds, first = _timed(apply)
    again_seconds, again = _timed(apply)
    path = folder / "services-0.yaml"
    path.write_text(path.read_text().replace("title: Service 7\n", "title: Service seven\n"))
    one_seconds, one = _timed(apply)
    assert (first > SERVICES, again, one) == (True, 0, 1), (first, again, one)
    return [
        _row("check 10,000 services", check_seconds),
        _row("check and apply 10,000 services", first_seconds),
        _row("check and apply again, nothing changed", again_seconds),
        _row("check and apply again, one changed", one_seconds),
    ]


def _timed(work):
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _row(name: str, seconds: float) -> Row:
    target = f"below {MOST_SECONDS:.0f} s"
    return Row(name, round(seconds, 1), "s", None, None, target, seconds < MOST_SECONDS)


def _generate(folder: Path) -> None:
    folder.mkdir()
    (folder / "organisation.yaml").write_text(ORGANISATION)
    for team in range(SERVICES // PER_TEAM):
        people = "".join(PERSON.format(n=team, i=i) for i in range(4))
        (folder / f"team-{team}.yaml").write_text(TEAM.format(n=team) + people)
    for start in range(0, SERVICES, PER_FILE):
        text = "".join(_service(n) for n in range(start, start + PER_FILE))
        (folder / f"services-{start // PER_FILE}.yaml").write_text(text)


def _service(n: int) -> str:
    high = n % 5 == 0
    return SERVICE.format(
        n=n,
        team=n // PER_TEAM,
        needed=(n + 1) % SERVICES,
        target="99.9" if high else "99.0",
        exposure=150_000 if high else 3_000,
    )


if __name__ == "__main__":
    for row in main():
        print(row)
