"""A page as one file a director reads in two minutes: nothing fetched, prints well, no script."""

from html import escape
from pathlib import Path

from andon.cli.plan.charts import svg
from andon.cli.plan.page import Sheet, Table
from andon.core import files

_STYLE = """
:root { --ink: #1b1f24; --soft: #57606a; --paper: #fff; --rule: #d0d7de; --one: #0b5cad;
  --two: #b35900; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --paper: #11161d;
  --rule: #3b434d; --one: #6cb2ff; --two: #ffb066; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.lead { font-size: 1.1rem; margin: .25rem 0; }
.note, .small { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--rule);
  vertical-align: top; }
th[scope="row"] { white-space: nowrap; }
thead th { vertical-align: bottom; }
th.n, td.n { text-align: right; } td.n { white-space: nowrap;
  font-variant-numeric: tabular-nums; } caption { text-align: left; position: absolute;
  width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; } svg text { fill: var(--ink); }
.bar.s0 { fill: var(--one); } .bar.s1 { fill: var(--two); } .axis { stroke: var(--soft); }
.line { fill: none; stroke: var(--one); stroke-width: 2; } .dot { fill: var(--one); }
.problem { border-left: 4px solid var(--two); padding-left: .75rem; margin: .5rem 0; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; }
  .scroll { overflow: visible; } table { font-size: 8pt; } th, td { padding: .2rem .35rem; }
  section { break-inside: avoid; } thead { display: table-header-group; }
  :root { --ink: #000; --paper: #fff; } }
"""


def write(page: Sheet, path: Path) -> None:
    """Write a page as one self-contained HTML file."""
    files.write_whole(path, render(page).encode("utf-8"))


def render(page: Sheet) -> str:
    """Return a page as HTML."""
    title = escape(page.title)
    lead = "".join(f'<p class="lead">{escape(line)}</p>' for line in page.lead)
    parts = [
        f"<header><h1>{title}</h1>{lead}</header>",
        *map(_section, (one for one in page.tables if one.rows)),
    ]
    if page.problems:
        parts.append(_problems(page))
    if page.assumptions:
        lines = "".join(f"<li>{escape(line)}</li>" for line in page.assumptions)
        parts.append(f'<section><h2>Assumptions</h2><ul class="small">{lines}</ul></section>')
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _section(table: Table) -> str:
    title = escape(table.title)
    chart = svg(table.chart) if table.chart else ""
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return f"<section><h2>{title}</h2>{chart}{_rows(table)}{note}</section>"


def _rows(table: Table) -> str:
    head = "".join(
        f'<th scope="col"{_kind(table, place)}>{escape(table.headers[place])}</th>'
        for place in table.filled
    )
    body = "".join(f"<tr>{_row(table, row)}</tr>" for row in table.rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.title)}"><table>'
        f"<caption>{escape(table.title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(table: Table, row: tuple[str, ...]) -> str:
    first = f'<th scope="row"{_kind(table, 0)}>{escape(row[0])}</th>'
    return first + "".join(
        f"<td{_kind(table, place)}>{escape(row[place])}</td>" for place in table.filled if place
    )


def _kind(table: Table, place: int) -> str:
    return ' class="n"' if place in table.right else ""


def _problems(page: Sheet) -> str:
    found = "".join(
        f'<p class="problem"><strong>{escape(one.where)}</strong> {escape(one.message)}<br>'
        f'<span class="small">{escape(one.fix)}</span></p>'
        for one in page.problems
    )
    return f"<section><h2>Left out or worth mending</h2>{found}</section>"
