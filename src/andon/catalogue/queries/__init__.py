"""Reads: rows in, values out. The number of queries never grows with the number of services."""

from andon.catalogue.queries.findings import findings_of, list_findings
from andon.catalogue.queries.groups import (
    find_domain,
    find_team,
    has_service_in,
    list_domains,
    list_teams,
    list_teams_services,
    owners_of_domains,
)
from andon.catalogue.queries.lists import (
    names_of_own,
    own,
    rows_of_domains,
    rows_of_people,
    rows_of_rotas,
    rows_of_services,
    rows_of_teams,
)
from andon.catalogue.queries.organisations import organisation
from andon.catalogue.queries.ownership import owners_during
from andon.catalogue.queries.revisions import (
    first_revision,
    known_since,
    list_revisions,
    newest_mark,
    newest_revision,
    said_of_rota,
)
from andon.catalogue.queries.rotas import (
    find_rota,
    list_rotas_around,
    list_rotas_naming,
    list_rotas_owned,
    list_rotas_ranked,
    standing_rotas,
    zone_of_rota,
)
from andon.catalogue.queries.searching import KINDS, names, search
from andon.catalogue.queries.services import (
    count_services,
    dependants_of,
    dependencies_of,
    find_details,
    find_service,
    find_service_ids,
    list_services,
    load_services,
    some_services,
    where_to_look,
)
from andon.catalogue.queries.standing import standing_services

__all__ = [
    "KINDS",
    "count_services",
    "dependants_of",
    "dependencies_of",
    "find_details",
    "find_domain",
    "find_rota",
    "find_service",
    "find_service_ids",
    "find_team",
    "findings_of",
    "first_revision",
    "has_service_in",
    "known_since",
    "list_domains",
    "list_findings",
    "list_revisions",
    "list_rotas_around",
    "list_rotas_naming",
    "list_rotas_owned",
    "list_rotas_ranked",
    "list_services",
    "list_teams",
    "list_teams_services",
    "load_services",
    "names",
    "names_of_own",
    "newest_mark",
    "newest_revision",
    "organisation",
    "own",
    "owners_during",
    "owners_of_domains",
    "rows_of_domains",
    "rows_of_people",
    "rows_of_rotas",
    "rows_of_services",
    "rows_of_teams",
    "said_of_rota",
    "search",
    "some_services",
    "standing_rotas",
    "standing_services",
    "where_to_look",
    "zone_of_rota",
]
