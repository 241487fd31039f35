"""The tools' own checks of generated files: which program judges which files, and how."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A check that a tool makes of some of the files."""

    program: str
    #: Debian's package that has the program.
    package: str
    what: str
    pattern: str
    arguments: tuple[str, ...]
    #: How many files one call takes, for a command line has an end; unit tests take long, so each
    #: is a call and a step forward.
    at_once: int = 200
    #: What stands before each file: vmalert takes files as values of a flag.
    flag: str = ""

    def command(self, program: str, names: Sequence[str]) -> list[str]:
        """Return the command that checks some files, named as seen from their folder."""
        return [program, *self.arguments, *(f"{self.flag}{name}" for name in names)]


#: What every set of files must pass before it may come into force.
ACCEPTED = (
    Check("promtool", "prometheus", "rules", "prometheus/rules/*.yml", ("check", "rules")),
    Check(
        "vmalert",
        "victoria-metrics",
        "rules",
        "vmalert/rules/*.yml",
        ("-dryRun", "-loggerLevel=ERROR"),
        flag="-rule=",
    ),
    Check(
        "amtool",
        "prometheus-alertmanager",
        "configuration",
        "alertmanager/*.yml",
        ("check-config",),
    ),
)
UNIT_TESTS = Check(
    "promtool", "prometheus", "unit tests", "prometheus/tests/*.test.yml", ("test", "rules"), 1
)
