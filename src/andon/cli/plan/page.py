"""What a planning command has to say, before it is known where: terminal, JSON or a report."""

from dataclasses import dataclass

from andon.core.documents.problems import DocumentProblem


@dataclass(frozen=True, slots=True)
class BarChart:
    """Named amounts, in one or two series: how long each bar is, and what is written on it."""

    title: str
    labels: tuple[str, ...]
    #: (name of the series, one value per label).
    series: tuple[tuple[str, tuple[float, ...]], ...]
    #: What is written on the bars, by series.
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points joined by lines."""

    title: str
    across: str
    up: str
    #: (across, up, words across, words up).
    points: tuple[tuple[float, float, str, str], ...]


Chart = BarChart | Curve


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers. The first column names the row; `right` are the columns of figures."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    note: str = ""
    chart: Chart | None = None

    @property
    def filled(self) -> tuple[int, ...]:
        """Return the columns that say something in any row, and always the first."""
        columns = range(len(self.headers))
        return tuple(one for one in columns if not one or any(row[one] for row in self.rows))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answer to one command."""

    title: str
    #: What a reader in a hurry takes away.
    lead: tuple[str, ...]
    tables: tuple[Table, ...]
    assumptions: tuple[str, ...]
    problems: tuple[DocumentProblem, ...]
