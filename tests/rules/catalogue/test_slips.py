"""What people write by mistake, and the one sentence they read: what to write instead.

One slip makes one problem. What only follows from it is no news, and would send its reader astray.
"""

import time
from pathlib import Path

import pytest

from andon.catalogue.rules.documents import check
from andon.core.documents import slips
from andon.core.documents.problems import Gravity
from andon.core.documents.source import read_folder
from andon.slo.rules.documents import check_folder

ROOT = Path(__file__).parents[3]
FILES = {
    "organisation.yaml": """\
apiVersion: andon.dev/v1
kind: Organisation
metadata: {name: acme, title: Acme}
spec:
  currency: GBP
  workingHours: {timezone: Europe/London, days: [mon, tue], bankHolidays: GB-ENG}
  availabilityTargets:
    preset: fruits-r-us
  severities:
    - {name: SEV1, atLeastPerHour: GBP 100000}
    - {name: SEV2, atLeastPerHour: GBP 0}
  escalation:
    steps: [{page: on-call, wait: PT5M}]
  fallback: [{email: duty@example.org}]
  catchAllRota: nights
""",
    "shop.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: shop, title: Shop Team}
spec: {type: team, children: []}
""",
    "ellie.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: ellie
  annotations:
    andon.dev/ntfy: https://ntfy.sh/ellie
spec: {profile: {displayName: Ellie Ash, email: ellie@example.org}, memberOf: [shop]}
""",
    "people.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ben}
spec: {profile: {displayName: Ben Oak, email: ben@example.org}, memberOf: [shop]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: cat}
spec: {profile: {displayName: Cat Elm, email: cat@example.org}, memberOf: [shop]}
""",
    "rota.yaml": """\
apiVersion: andon.dev/v1
kind: Rota
metadata: {name: nights, title: Nights Rota}
spec:
  team: shop
  covers: always
  timezone: Europe/Vienna
  rotation: {unit: week, handover: "09:00", startsOn: 2026-01-05}
  participants: [ellie, ben, cat]
""",
    "services.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  links: [{url: https://wiki.example/checkout}]
  annotations:
    andon.dev/availability-target: "99.9"
    andon.dev/financial-exposure-per-hour: GBP 200000
    andon.dev/runbook: https://runbooks.example/checkout
spec: {type: service, lifecycle: production, owner: shop}
""",
}
EUROS = tuple(
    (old, old.replace("GBP", "EUR")) for old in ("currency: GBP", "GBP 2", "GBP 1", "GBP 0")
)
LOSSES = "fruits-r-us\n    minimumLosses: "
BANDS = "fruits-r-us\n    exposureBands: "


def problems(folder, *changes, without="", **renamed):
    """Return what is wrong with the files once texts were replaced in them, each in one file."""
    texts = dict(FILES)
    for old, new in changes:
        (name,) = [name for name, text in texts.items() if old in text]
        texts[name] = texts[name].replace(old, new)
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        if name != without:
            (folder / renamed.get(name.partition(".")[0], name)).write_text(text, encoding="utf-8")
    return check_folder(read_folder(folder)).problems


def test_the_files_without_a_slip_have_no_problem(tmp_path):
    assert problems(tmp_path) == ()


#: What is written, what instead of it; the rule that speaks, and what the fix (or message) says.
SLIPS = [
    ("  workingHours", "\tworkingHours", "yaml", "Write spaces for every tab"),
    ("    preset", "\t\tpreset", "yaml", "Write spaces for every tab"),
    ("  name: checkout", "  name: checkout: shop", "yaml", "between quotes"),
    ("GBP 200000", "'€50,000'", "money", "That is EUR 50000; the books are in GBP: convert it"),
    ("GBP 200000", "£50,000", "money", 'Write "GBP 50000".'),
    ("GBP 200000", "50.000,00 GBP", "money", 'Write "GBP 50000".'),
    ("GBP 200000", "GBP 50k", "money", 'Write "GBP 50000".'),
    ("GBP 200000", "a lot", "money", 'Write a currency and a number: "GBP 50000".'),
    ("GBP 200000", "50000", "type", "Write it with its currency: andon.dev/financial-exposure-per"),
    ("GBP 200000", "GBP 50.000", "money", 'Write "GBP 50000", or the point before two decimals.'),
    ("GBP 200000", "GBP 50,00", "money", 'Write "GBP 50"'),
    ("GBP 200000", "GPB 200000", "money", "Did you mean GBP?"),
    ("GBP 200000", "EUR 200000", "money-currency", "Convert it to GBP."),
    ("atLeastPerHour: GBP 100000", "atLeastPerHour: 100000", "money", 'Write "GBP 100000".'),
    ("currency: GBP", "currency: GPB", "money", "Did you mean GBP?"),
    ("currency: GBP", "currency: pounds", "money", "Did you mean GBP?"),
    ("currency: GBP", "currency: £", "money", "Did you mean GBP?"),
    ("[ellie, ben, cat]", "[Ellie Ash, ben, cat]", "reference-form", "Write ellie: references go"),
    ("[ellie, ben, cat]", "[ellie@example.org, ben, cat]", "reference-form", "Write ellie: "),
    ("[ellie, ben, cat]", "[Zoe Fir, ben, cat]", "reference-form", "the user's `metadata.name`"),
    ("owner: shop", "owner: Shop Team", "reference-form", "Write shop: references go"),
    ("owner: shop", "owner: ellie", "reference", "ellie is a person; write the team: shop."),
    ("owner: shop", "owner: checkout", "reference", "checkout is a component, at services.yaml:1"),
    ("catchAllRota: nights", "catchAllRota: Nights Rota", "catch-all", "Did you mean nights?"),
    ("Europe/London", "Berlin", "timezone", "Did you mean Europe/Berlin?"),
    ("Europe/London", "New York", "timezone", "Did you mean America/New_York?"),
    ("Europe/London", "europe/london", "timezone", "Did you mean Europe/London?"),
    ("Europe/London", "CEST", "timezone", "Did you mean Europe/Berlin?"),
    ("Europe/London", "UTC+1", "timezone", "An offset knows no summer time"),
    ("Europe/London", "localtime", "timezone", "Write AREA/CITY"),
    ("Europe/London", "right/Europe/London", "timezone", "Did you mean Europe/London?"),
    ("PT5M", "5m", "duration", "Write PT5M;"),
    ("PT5M", "5 minutes", "duration", "Write PT5M;"),
    ("PT5M", "P5M", "duration", "Write PT5M;"),
    ("PT5M", "1h30", "duration", "Write an ISO 8601 duration"),
    ("PT5M", "300", "duration", "PT300S for seconds"),
    ("days: [mon, tue]", "days: [Monday, tue]", "working-hours", "Write mon."),
    ('"09:00"', "9am", "time", '"09:00"'),
    ('"09:00"', "'9:00'", "time", '"09:00"'),
    ('"09:00"', "9", "time", '"09:00"'),
    ("2026-01-05", "2026-W10-1", "date", "Write 2026-03-02:"),
    ("2026-01-05", "20260105", "date", "Write 2026-01-05:"),
    ("2026-01-05", "05/01/2026", "date", "Write 2026-01-05 or 2026-05-01:"),
    ("2026-01-05", "5 Jan 2026", "date", "Write 2026-01-05:"),
    ("unit: week", "unit: weekly", "choice", "Did you mean week?"),
    ('"99.9"', "99.9", "type", 'Quote it: andon.dev/availability-target: "99.9"'),
    ('"99.9"', "'99,9'", "target", 'Write "99.9".'),
    ('"99.9"', "three nines", "target", 'Write "99.9".'),
    ("https://wiki.example/checkout", "'mailto:'", "url", "Write mailto:NAME@HOST."),
    ("https://wiki.example/checkout", "'mailto:ann'", "url", "Write mailto:NAME@HOST."),
    ("https://runbooks.example/checkout", "mailto:a@x.example", "url", "address of a page"),
    ("https://ntfy.sh/ellie", "'https://ntfy.sh/my topic'", "url", "Take the space out, or write"),
    ("https://ntfy.sh/ellie", "my-topic", "url", "Write the whole address: https://ntfy.sh/TOPIC"),
    ("ellie@example.org", "mailto:ellie@example.org", "email", "Write the address alone: ellie@"),
    ("ellie@example.org", "Ellie <ellie@example.org>", "email", "the address alone: ellie@example"),
    ("[ellie, ben, cat]", "[ellie, ben, cat, ellie]", "rota-twice", "Name each person once"),
    ("[ellie, ben, cat]", "[ellie, ben, cat, user:ellie]", "rota-twice", "Name each person once"),
    ("name: SEV2", "name: SEV1", "severities", "Give each class a name of its own."),
    ("GBP 100000}", "GBP 0}", "severities", "Give it another `atLeastPerHour`"),
    ("fruits-r-us", LOSSES + '[{target: "99.7", loss: GBP 1}]', "selection", "99.0, 99.5, 99.9."),
    ("fruits-r-us", BANDS + '[{target: "99.7", ceilingPerHour: GBP 1}]', "selection", "99.0, 99.5"),
    ("fruits-r-us", LOSSES + '[{target: "99.9", loss: GBP 1}, {target: "99.9", loss: GBP 2}]',
     "selection", "Keep one."),
    ("fruits-r-us",
     BANDS + '[{target: "99.9", ceilingPerHour: GBP 1}, {target: "99.9", ceilingPerHour: GBP 1}]',
     "selection", "Keep one."),
    ("fruits-r-us", LOSSES + '[{target: "99.9", loss: GBP 1}, {target: "99.0", loss: GBP 2}]',
     "selection", "Let the targets rise with the sums."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rule", "said"), SLIPS)
def test_a_slip_makes_one_problem_that_says_what_to_write(tmp_path, old, new, rule, said):
    (one,) = problems(tmp_path, (old, new))
    assert one.rule == rule
    assert said in one.fix
    wanted = Gravity.WARNING if rule == "rota-twice" else Gravity.ERROR
    assert one.gravity is wanted


def test_a_preset_in_another_currency_is_said_once_and_not_of_each_service(tmp_path):
    (one,) = problems(tmp_path, *EUROS)
    assert (one.rule, one.gravity) == ("selection", Gravity.WARNING)
    assert "the sums of preset fruits-r-us are in GBP and the books in EUR" in one.message
    assert 'minimumLosses: [{target: "99.0", loss: EUR' in one.fix


def test_an_address_that_is_refused_is_not_shown_with_its_password(tmp_path):
    told = problems(tmp_path, ("https://ntfy.sh/ellie", "'ellie:s3cret@ntfy.sh/a b'"))
    assert [one.rule for one in told] == ["url"]
    assert "s3cret" not in "".join(one.message + one.fix for one in told)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("line", ["\tx: y\n", "x: [\n", "x: a: b\n"])
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path, name, line):
    (one,) = problems(tmp_path, (FILES[name], FILES[name] + line))
    assert (one.rule, one.file, one.gravity) == ("yaml", name, Gravity.ERROR)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("suffix", [".txt", "", ".yaml.txt", ".ymal"])
def test_a_file_whose_name_is_a_slip_is_named_with_the_right_one(tmp_path, name, suffix):
    stem = name.removesuffix(".yaml")
    (one,) = problems(tmp_path, **{stem: stem + suffix})
    assert (one.rule, one.file, one.gravity) == ("file-name", stem + suffix, Gravity.ERROR)
    assert one.fix.startswith(f"Rename it to {name},")


@pytest.mark.parametrize("suffix", [".YAML", ".Yml"])
def test_suffixes_are_read_in_any_case(tmp_path, suffix):
    assert problems(tmp_path, organisation=f"organisation{suffix}") == ()


@pytest.mark.parametrize("name", ["notes.txt", "README", "services.yaml.bak", "schema.json"])
def test_other_files_are_none_of_ours(tmp_path, name):
    problems(tmp_path)
    text = FILES["services.yaml"] if name.endswith(".bak") else "apiVersion is written first"
    (tmp_path / name).write_text(text)
    assert check_folder(read_folder(tmp_path)).problems == ()


def test_what_really_is_missing_is_still_said_beside_a_broken_file(tmp_path):
    broken = (FILES["services.yaml"], FILES["services.yaml"] + "\tx\n")
    told = problems(tmp_path, broken, ("[ellie, ben, cat]", "[ellie, ben, zoe]"))
    assert [one.rule for one in told] == ["reference", "yaml"]


def test_a_link_to_a_mail_address_is_kept(tmp_path):
    folder = tmp_path / "files"
    link = ("https://wiki.example/checkout", "mailto:shop@example.org")
    assert problems(folder, link) == ()
    catalogue = check.check_folder(read_folder(folder)).catalogue
    assert catalogue is not None
    (kept,) = catalogue.services["checkout"].links
    assert kept == {"url": "mailto:shop@example.org", "title": "shop@example.org"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("€50,000", "EUR 50000"),
        ("50 thousand euros", "EUR 50000"),
        ("$1.5m", "CAD 1500000"),
        ("1\u00a0000,50 €", "EUR 1000.5"),
        ("USD50", "USD 50"),
        ("100", "CAD 100"),
        ("1 000 kr", ""),
        ("GBP 5 EUR", ""),
        ("lots", ""),
    ],
)
def test_what_an_amount_means(text, meant):
    assert slips.money(text, currency="CAD") == meant


LONG = {
    "duration": ("PT5M", "{0}m"),
    "minutes": ("PT5M", "{0} minutes"),
    "money": ("GBP 200000", "'€{0}'"),
    "too-many": ("GBP 200000", "GBP 0{1}"),
    "time": ('"09:00"', "'{0}am'"),
    "date": ("2026-01-05", "'{0}/01/2026'"),
    "timezone": ("Europe/London", "{0}x"),
    "currency": ("currency: GBP", "currency: '{0}'"),
    "email": ("ellie@example.org", "'<{0}@'"),
    "target": ('"99.9"', "'{0}'"),
    "url": ("https://ntfy.sh/ellie", "'{0} x'"),
    "participant": ("[ellie, ben, cat]", "['{0} x', ben, cat]"),
}


@pytest.mark.parametrize("kind", LONG)
def test_nothing_is_guessed_from_what_no_person_writes(tmp_path, kind):
    old, new = LONG[kind]
    for length in (190, 5_000, 19_000):
        text = new.format("9" * length, ",0" * (length // 2))
        began = time.monotonic()
        found = problems(tmp_path / str(length), (old, text))
        assert time.monotonic() - began < 30
        assert found
        assert max(len(one.fix) for one in found) < 300
