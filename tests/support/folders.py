"""Catalogue folders made on the fly, with what their services are measured by."""

from pathlib import Path

ORGANISATION = """apiVersion: andon.dev/v1
kind: Organisation
metadata: {name: org, title: Org}
spec:
  currency: GBP
  availabilityTargets: {preset: fruits-r-us}
  pay: {standbyPerWeek: GBP 700}
  fallback: [{email: duty@example.com}]
  catchAllRota: team-0
"""
TEAM = """apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: team-{n}, title: Team {n}}}
spec: {{type: team, children: []}}
---
apiVersion: andon.dev/v1
kind: Rota
metadata: {{name: team-{n}}}
spec:
  team: team-{n}
  rotation: {{unit: week, every: 1, handover: "09:00", startsOn: 2026-01-05}}
  participants: [{members}]
---
{people}"""
PERSON = """apiVersion: backstage.io/v1alpha1
kind: User
metadata: {{name: p-{n}-{m}}}
spec: {{profile: {{email: p-{n}-{m}@example.com}}, memberOf: [team-{n}]}}
"""
SERVICE = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {slug}
  title: Service {n}
  annotations:
    andon.dev/availability-target: "{target}"
    andon.dev/slo-errors: http_requests_total{{service="{slug}",code=~"5.."}}
    andon.dev/runbook: https://runbooks.example/{slug}
{more}spec:
  type: service
  lifecycle: production
  owner: team-{team}
{needs}"""
PROBED = """    andon.dev/slo-probe: probe_success{{instance="{slug}"}}
    andon.dev/planned-closures: 2027-01-09T22:00Z/2027-01-10T02:00+01:00
    andon.dev/financial-exposure-per-hour: GBP 1000.50
"""
TIMED = """    andon.dev/slo-latency: http_request_duration_seconds{{service="{slug}"}} <= 0.25
    andon.dev/scrape-job: {slug}
"""
PEAKED = """    andon.dev/peak-windows: 2027-11-25/2027-12-01=99.9, 2020-11-25/2020-12-01=99.9
    andon.dev/cloudwatch-namespace: AWS/ApplicationELB
    andon.dev/cloudwatch-bad: HTTPCode_Target_5XX_Count
    andon.dev/cloudwatch-total: RequestCount
    andon.dev/cloudwatch-dimensions: LoadBalancer=app/{slug}/1
"""
MORE = (TIMED, PROBED, PEAKED)


def write_folder(folder: Path, *, services: int, teams: int = 2) -> Path:
    """Write a catalogue of services that all have the short form, and return the folder."""
    folder.mkdir(parents=True)
    (folder / "organisation.yaml").write_text(ORGANISATION)
    for n in range(teams):
        people = "---\n".join(PERSON.format(n=n, m=m) for m in range(3))
        members = ", ".join(f"p-{n}-{m}" for m in range(3))
        (folder / f"team-{n}.yaml").write_text(TEAM.format(n=n, members=members, people=people))
    for n in range(services):
        slug = f"service-{n:03d}"
        needs = f"  dependsOn: [component:service-{n - 1:03d}]\n" if n % 3 == 1 else ""
        text = SERVICE.format(
            slug=slug,
            n=n,
            team=n % teams,
            target=("99.9", "99.9", "99.0")[n % 3],
            more=MORE[n % 3].format(slug=slug),
            needs=needs,
        )
        (folder / f"{slug}.yaml").write_text(text)
    return folder
