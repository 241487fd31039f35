"""Reads: rows in, values out. The number of queries never grows with the number of services."""

from andon.catalogue.queries.findings import findings_of, list_findings
from andon.catalogue.queries.groups import (
    counted_domains,
    counted_teams,
    domain_row,
    find_domain,
    find_team,
    list_domains,
    list_teams,
    list_teams_services,
    team_row,
)
from andon.catalogue.queries.organisations import organisation
from andon.catalogue.queries.ownership import owners_during
from andon.catalogue.queries.revisions import (
    first_revision,
    known_since,
    list_revisions,
    newest_revision,
    said_of_rota,
)
from andon.catalogue.queries.rotas import (
    list_rotas_around,
    list_rotas_naming,
    list_rotas_owned,
    list_rotas_ranked,
)
from andon.catalogue.queries.searching import KINDS, holds, live, names, search
from andon.catalogue.queries.services import (
    cover_order,
    dependants_of,
    dependencies_of,
    find_details,
    find_service,
    find_service_ids,
    list_services,
    load_services,
    target_order,
    where_to_look,
)

__all__ = [
    "KINDS",
    "counted_domains",
    "counted_teams",
    "cover_order",
    "dependants_of",
    "dependencies_of",
    "domain_row",
    "find_details",
    "find_domain",
    "find_service",
    "find_service_ids",
    "find_team",
    "findings_of",
    "first_revision",
    "holds",
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
    "live",
    "load_services",
    "names",
    "newest_revision",
    "organisation",
    "owners_during",
    "said_of_rota",
    "search",
    "target_order",
    "team_row",
    "where_to_look",
]
