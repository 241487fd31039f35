"""What those whom an override concerns are told, with times in their own zone."""

from collections.abc import Mapping

from andon.core import wire
from andon.oncall.rules import say_instant
from andon.oncall.types import Happened, OverrideNews
from andon.paging.rules.messages import cut, one_line
from andon.paging.types import Text

#: As long as a subject may be.
_SUBJECT = 160


def override_text(*, news: OverrideNews, to: str, names: Mapping[str, str], timezone: str) -> Text:
    """Return what one of those concerned, `to`, is told of an override."""
    start, end = (say_instant(at, timezone) for at in (news.period.starts_at, news.period.ends_at))
    said = f"{_what(news, to, names)} from {start} to {end}"
    lines = [
        f"{said}.",
        "",
        f"Why: {one_line(news.reason)}",
        f"Made by: {one_line(names.get(news.made_by, news.made_by))}",
        "There is nothing to do. If it is wrong, cancel it on the rota's page, or make another.",
    ]
    data: dict[str, object] = {
        "rota": news.rota,
        "override": news.override,
        "what": str(news.what),
        "person": news.person,
        "displaced": list(news.displaced),
        **wire.period(news.period),
        "path": f"/rotas/{news.rota}/",
        "link_words": "The rota",
    }
    return Text(cut(said, _SUBJECT), "\n".join(lines), data)


def _what(news: OverrideNews, to: str, names: Mapping[str, str]) -> str:
    who, rota = one_line(names.get(news.person, news.person)), one_line(news.rota_title)
    if news.what is Happened.MADE:
        return f"You take {rota}" if to == news.person else f"{who} takes {rota} in your place"
    if to == news.person:
        return f"You no longer take {rota}"
    return f"{who} no longer takes {rota} in your place; it is yours again"
