"""The query for deployments: which can be asked for many services, how, and what it tells."""

from datetime import UTC, datetime, timedelta

import promql_parser
import pytest

from andon.slo.rules import deployments
from andon.slo.rules.documents import deployments as documents
from andon.slo.rules.documents.deployments import UnableToTellApart
from andon.slo.rules.documents.promql import UnreadableQuery
from tests.support.deployments import KEPT

LOST = {
    "changes(x[5m]) > 0": "does not say where",
    'sum(changes(x{service="$service"}[5m])) > 0': "is one for all services",
    'sum by (app) (changes(x{service="$service"}[5m])) > 0': "is one for all services",
    'sum without (service) (x{service="$service"})': "is one for all services",
    'topk(1, x{service="$service"})': "is one for all services",
    'count_values("service", x{service="$service"})': "is one for all services",
    'absent(x{service="$service"})': "is one for all services",
    'scalar(x{service="$service"}) * y > 0': "is one for all services",
    'changes(x{app="$service"}[5m]) > 0': "tells services by `app`",
    'label_replace(x{service="$service"}, "service", "one", "app", "(.*)")': "one for all services",
    'label_replace(x{app="$service"}, "service", "$1", "team", "(.*)")': "tells services by `app`",
    'label_replace(x{app="$service"}, "service", "$service", "", "")': "no label's whole value",
    'x{service="$service-web"}': "no label's whole value",
    'x{service!="$service"}': "asks for all but",
    'x{service="$service"} or y': "is one for all services",
    'x{service="$service"} or y{app="$service"}': "is one for all services",
    'y unless on (app) x{service="$service"}': "is one for all services",
    'y and on (app) x{service="$service"}': "is one for all services",
    'x{service="$service"} * on (app) y': "is one for all services",
    'x{service="$service"} - ignoring (service) y{service="$service"}': "is one for all services",
    'x{service="$service"} and on (app) y{service="$service"}': "is one for all services",
    'x{service="$service" or job="a"}': "is one for all services",
    'x{service="a"} # $service': "no label's whole value",
}


@pytest.mark.parametrize("query", KEPT)
def test_what_keeps_the_label_is_taken_and_rewritten(query):
    documents.check(query)
    asked = deployments.of_services(query=query, services=["checkout", "stock-1"])
    assert "$service" not in asked
    promql_parser.parse(asked)
    assert asked.count('=~"checkout|stock-1"') == deployments.places(query) > 0


@pytest.mark.parametrize("query", LOST)
def test_what_does_not_is_refused_with_the_fix(query):
    with pytest.raises(UnableToTellApart, match=LOST[query]) as caught:
        documents.check(query)
    assert caught.value.fix.endswith((".", "> 0"))


@pytest.mark.parametrize(
    "query",
    ["x{", "x{service='$service'} >", "x{service='$service'}[5m]", "(" * 300 + "x" + ")" * 300],
)
def test_what_is_no_promql_is_refused(query):
    with pytest.raises(UnreadableQuery):
        documents.check(query)


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minutes(*found):
    return [NOW + timedelta(minutes=one) for one in found]


@pytest.mark.parametrize(
    ("above", "since", "found"),
    [
        ([], 0, []),
        ([5, 6, 7, 8], 0, [5]),
        # Something that was above 0 before is no new deployment, wherever the border lies.
        ([0, 1, 2], 0, []),
        ([-1, 0, 1], 0, []),
        ([-2, 1, 2], 0, [1]),
        # A missing evaluation does not make two of one.
        ([5, 7, 8], 0, [5]),
        ([5, 6, 9, 10], 0, [5, 9]),
    ],
)
def test_a_deployment_is_where_it_begins(above, since, found):
    [since] = minutes(since)
    assert deployments.began(minutes(*above), since=since) == minutes(*found)


def test_stretches_that_meet_find_what_one_would():
    above = minutes(3, 4, 5, 10, 11, 12, 13, 20, 40, 41, 43, 44)
    [start] = minutes(0)
    whole = deployments.began(above, since=start)
    for border in minutes(*range(1, 50)):
        seen = [at for at in above if at <= border]
        later = [at for at in above if at >= border - deployments.QUIET]
        pieces = [
            *deployments.began(seen, since=start),
            *deployments.began(later, since=border),
        ]
        assert pieces == whole, border
