"""`andon check` and `andon apply`: the catalogue as code."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from andon.core.documents.problems import DocumentProblem, Gravity
from andon.core.documents.source import read_folder
from andon.core.words import say_count
from andon.slo.rules.documents import CheckedTelemetry, check_folder

if TYPE_CHECKING:
    from andon.catalogue.actions import Plan

#: Fields of one change, and changes of one plan, that are shown before "and N more".
MOST_FIELDS, MOST_CHANGES = 30, 200
MARKS = {
    "added": ("+", "green"),
    "changed": ("~", "yellow"),
    "renamed": (">", "yellow"),
    "restored": ("^", "green"),
    "removed": ("-", "red"),
    "lapsed": ("x", "red"),
}
MEANING = {
    "removed": "retired: hidden from the lists, its history kept",
    "restored": "back from retirement",
    "lapsed": "its grace is over: alerts that name it are now a gap in the catalogue",
}
_NO_RULES = "retired: no rules any more, its history is kept"
#: What retiring means for a kind: only services have alerts that are still answered.
RETIRED = {
    "service": "retired: kept, and its alerts are still answered during the grace",
    "person": "retired: kept, cannot sign in and is not paged any more",
    "rota": "retired: kept, and nobody is on call for it any more",
    "slo": _NO_RULES,
    "alert": _NO_RULES,
}

Folder = Annotated[Path, typer.Argument(exists=True, help="The folder with the catalogue's files.")]
By = Annotated[
    str, typer.Option(help="Who applies it: a person's slug or a name; default: your login name.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def check(folder: Folder, as_json: AsJson = False) -> None:
    """Check a catalogue folder: every problem, with its file, line, rule and fix.

    Works offline and without a database. Leaves with 1 when there is an error, with 0 when there
    are only warnings.
    """
    checked = check_folder(read_folder(folder))
    if as_json:
        typer.echo(json.dumps(_check_json(checked), indent=2))
    else:
        _show_problems(checked.problems)
        typer.echo(_summary(checked))
    raise typer.Exit(1 if checked.errors else 0)


def apply(
    folder: Folder,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, change nothing.")] = (
        False
    ),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether to apply.")] = False,
    replace_on_call: Annotated[
        bool,
        typer.Option(
            "--replace-on-call", help="Agree that people on call now are replaced at once."
        ),
    ] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Apply a catalogue folder: show the plan, ask, then carry it out in one transaction.

    With an error anywhere nothing is applied; the errors are shown here and on the entities' pages.
    What disappeared from the files is retired, never deleted. Applying again changes nothing.
    Who is on call now stays, unless the plan says otherwise: then that is asked too, and `--yes`
    does not answer it.
    """
    if as_json and not (yes or dry_run):
        raise typer.BadParameter("--json cannot ask: add --yes or --dry-run")

    from andon.cli.setup import django_ready_to_apply, me

    django_ready_to_apply(dry_run=dry_run)

    from andon.catalogue.actions import UnableToApply, record_problems
    from andon.core import clock
    from andon.oncall import queries as oncall
    from andon.oncall.actions import UnableToReplace, Watch
    from andon.slo import actions

    checked = check_folder(read_folder(folder))
    try:
        plan = actions.apply_checked(
            checked=checked, by=me(by), now=clock.now(), dry_run=True, foresee=oncall.foresee
        )
        if dry_run or not as_json:
            _show_plan(plan, as_json=as_json)
        if dry_run:
            return
        agreed = _ask(plan, yes=yes, replace_on_call=replace_on_call)
        watch = Watch(agreed=agreed)
        done = actions.apply_checked(checked=checked, by=me(by), now=clock.now(), foresee=watch)
    except UnableToApply as error:
        if not dry_run:
            record_problems(problems=checked.problems, now=clock.now())
        _refuse(checked, error.message, as_json=as_json)
    except UnableToReplace as error:
        typer.secho(error.message, fg="red", err=True)
        typer.echo("Apply without --yes to be asked, or add --replace-on-call.", err=True)
        raise typer.Exit(1) from error
    else:
        _show_done(done, as_json=as_json)
        from andon.cli import ways

        ways.say_after_apply()


def _ask(plan: "Plan", *, yes: bool, replace_on_call: bool) -> list[str]:
    """Ask whether to apply, and return the rotas whose person on call may be replaced at once."""
    if not (plan.is_empty or yes):
        typer.confirm("Apply this?", abort=True)
    replaced = [str(one["rota"]) for one in plan.on_call if one["replaces"]]
    if not replaced or replace_on_call:
        return replaced
    if yes:
        return []
    typer.confirm(
        f"Somebody on call now is replaced at once ({', '.join(replaced)}). Is that right?",
        abort=True,
    )
    return replaced


def _refuse(checked: CheckedTelemetry, message: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_check_json(checked), indent=2))
    else:
        _show_problems(checked.problems)
        typer.echo(_summary(checked))
        typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)


def _show_problems(problems: tuple[DocumentProblem, ...]) -> None:
    for one in problems:
        colour = "red" if one.gravity is Gravity.ERROR else "yellow"
        typer.secho(f"{one.where}  {one.gravity} {one.rule}  {one.message}", fg=colour)
        typer.echo(f"    {one.fix}")


def _summary(checked: CheckedTelemetry) -> str:
    errors, warnings = len(checked.errors), len(checked.warnings)
    if checked.catalogue is None:
        return say_count(errors, "error")
    held = checked.catalogue
    found = ", ".join(
        (
            say_count(len(held.services), "service"),
            say_count(len(held.teams), "team"),
            say_count(len(held.rotas), "rota"),
        )
    )
    if measured := len(checked.objectives) + len(checked.alerts):
        found += f", {measured} SLOs and alerts"
    return f"{found}: {say_count(errors, 'error')}, {say_count(warnings, 'warning')}"


def _show_plan(plan: "Plan", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_plan_json(plan), indent=2))
        return
    _show_problems(plan.problems)
    for change in plan.changes[:MOST_CHANGES]:
        mark, colour = MARKS[change.act]
        was = f" (was {change.was})" if change.was else ""
        meaning = RETIRED.get(change.kind, "") if change.act == "removed" else ""
        meaning = meaning or MEANING.get(change.act, "")
        note = f"  {meaning}" if meaning else ""
        typer.secho(f"{mark} {change.kind} {change.slug}{was}{note}", fg=colour)
        if change.act != "added":
            for name, (before, after) in list(change.fields.items())[:MOST_FIELDS]:
                typer.echo(f"    {name}: {_say(before)} -> {_say(after)}")
    left = len(plan.changes) - MOST_CHANGES
    if left > 0:
        typer.echo(f"... and {left} more")
    _show_on_call(plan)
    counts = ", ".join(f"{count} {act}" for act, count in plan.counts().items())
    typer.echo(counts or "nothing to change")


def _show_on_call(plan: "Plan") -> None:
    """Show who is on call before and after, rota by rota; those that differ turn by turn."""
    for one in plan.on_call[:MOST_CHANGES]:
        typer.secho(f"! {one['words']}", fg="red" if one["replaces"] else None)
        if one["first_change"] is None:
            continue
        rows = [("from", "now", "with this plan")]
        rows += [
            (turn["local"], _who(turn["before"]), _who(turn["after"])) for turn in one["turns"]
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        for when, before, after in rows:
            typer.echo(f"    {when:{widths[0]}}  {before:{widths[1]}}  {after}")
    left = len(plan.on_call) - MOST_CHANGES
    if left > 0:
        typer.echo(f"... and {left} more rotas")


def _who(person: dict[str, str] | None) -> str:
    return person["name"] if person else "nobody"


def _show_done(plan: "Plan", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_plan_json(plan), indent=2))
    elif plan.revision is not None:
        typer.secho(f"applied as revision {plan.revision}", fg="green")


def _check_json(checked: CheckedTelemetry) -> dict[str, Any]:
    return {
        "errors": len(checked.errors),
        "warnings": len(checked.warnings),
        "problems": [_problem_json(one) for one in checked.problems],
    }


def _plan_json(plan: "Plan") -> dict[str, Any]:
    problems = [_problem_json(one) for one in plan.problems]
    return {**plan.as_json(), "revision": plan.revision, "problems": problems}


def _problem_json(one: DocumentProblem) -> dict[str, Any]:
    return {
        "file": one.file,
        "line": one.line,
        "level": str(one.gravity),
        "rule": one.rule,
        "message": one.message,
        "fix": one.fix,
        "kind": one.kind,
        "slug": one.slug,
    }


def _say(value: object) -> str:
    if value in ("", None, [], {}):
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 200 else f"{text[:197]}..."
