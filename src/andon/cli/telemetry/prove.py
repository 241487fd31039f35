"""Shows what goes on while `andon telemetry test` has generated files checked and replayed."""

from pathlib import Path

from andon.cli.telemetry.progress import Steps
from andon.integrations.telemetry import proving, replay
from andon.integrations.telemetry.proving import CheckResult, Replays
from andon.slo.types import Estate


def checks(folder: Path, said: Steps) -> list[CheckResult]:
    """Run every tool's own check over a folder of generated files."""
    found = []
    for check in proving.CHECKS:
        name = f"{check.program}: {check.what}"
        with said.step(name, total=len(proving.files_of(check, folder))) as step:
            found.append(proving.run(check, folder=folder, advance=step.advance))
            step.said = found[-1].outcome
    return found


def replays(estate: Estate, folder: Path, said: Steps) -> Replays:
    """Replay made-up faults on the generated rules of an estate, where the programs are there."""
    plan = replay.plan(estate)
    if lacking := proving.not_replayed(plan):
        return lacking
    with said.step("vmalert: replays", total=len(plan.scenarios)) as step:
        done = proving.replays(plan, folder=folder, advance=step.advance)
        step.said = done.found.outcome
    return done
