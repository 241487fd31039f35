"""What `andon telemetry test` runs on generated files: the tools' own checks, then replays."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from andon.cli.telemetry import replay, tools
from andon.cli.telemetry.progress import Steps
from andon.cli.telemetry.store import UnableToReplay
from andon.core import programs
from andon.slo.types import Estate

#: Problems of replays that are quoted; the table has them all.
_QUOTED = 40


@dataclass(frozen=True, slots=True)
class Replays:
    """What came of replaying: the check as a whole, and each alert in each scenario."""

    found: tools.Found
    plan: replay.Plan
    seen: tuple[replay.Seen, ...] = ()


def checks(folder: Path, said: Steps) -> list[tools.Found]:
    """Run every tool's own check over a folder of generated files."""
    found = []
    for check in tools.CHECKS:
        name = f"{check.program}: {check.what}"
        with said.step(name, total=len(tools.files_of(check, folder))) as step:
            found.append(tools.run(check, folder=folder, advance=step.advance))
            step.said = found[-1].outcome
    return found


def replays(estate: Estate, folder: Path, said: Steps) -> Replays:
    """Replay made-up faults on the generated rules of an estate, where the programs are there."""
    began, plan = time.perf_counter(), replay.plan(estate)
    count = len(plan.scenarios)
    found = tools.Found(tools.REPLAYS, tools.Outcome.PASSED, count, 0.0)
    if not plan.scenarios:
        nothing = replace(found, outcome=tools.Outcome.NOTHING, said="no SLO can be replayed")
        return Replays(nothing, plan)
    found_at = {name: programs.find(name) for name in ("vmalert", "victoria-metrics")}
    vmalert, metrics = found_at["vmalert"], found_at["victoria-metrics"]
    if vmalert is None or metrics is None:
        return Replays(_missing(found, [one for one, at in found_at.items() if at is None]), plan)
    seen: list[replay.Seen] = []
    with said.step("vmalert: replays", total=count) as step:
        try:
            seen = replay.run(
                plan,
                folder=folder,
                vmalert=vmalert,
                victoria_metrics=metrics,
                advance=step.advance,
            )
            words = _problems(seen)
        except UnableToReplay as error:
            words = error.message
        outcome = tools.Outcome.FAILED if words else tools.Outcome.PASSED
        step.said = outcome
    took = time.perf_counter() - began
    return Replays(replace(found, outcome=outcome, seconds=took, said=words), plan, tuple(seen))


def _missing(found: tools.Found, lacking: list[str]) -> tools.Found:
    names = " and ".join(lacking)
    said = (
        f"{names}: not installed, so {found.files} replays were not made; "
        f"Debian has it in the package {tools.REPLAYS.package}"
    )
    return replace(found, outcome=tools.Outcome.MISSING, said=said)


def _problems(seen: list[replay.Seen]) -> str:
    wrong = [one.words for one in seen if one.problem]
    more = [f"... and {len(wrong) - _QUOTED} more"] if len(wrong) > _QUOTED else []
    return "\n".join(wrong[:_QUOTED] + more)
