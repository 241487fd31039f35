"""Decisions about alerts: how text is normalised, what repeats mean, which service is meant."""

from andon.alerts.rules.lifecycle import Fold, NewAlert, OpenAlert, fold, is_worse, start_of
from andon.alerts.rules.mending import Document, read_json
from andon.alerts.rules.normalise import (
    DEFAULT_SEVERITY,
    MAX_DEPTH,
    NOTE,
    Unreadable,
    cut_dedup_key,
    cut_description,
    cut_labels,
    cut_line,
    depth,
    fingerprint,
    http_link,
    read_severity,
    read_time,
    tidy_links,
)
from andon.alerts.rules.reconciling import RECONCILED, SENDER, Difference, Doubts, compare
from andon.alerts.rules.services import SERVICE_LABELS, Candidate, candidates, explain
from andon.alerts.rules.unread import is_own, noted, unmapped, unreadable, unreadable_entry

__all__ = [
    "DEFAULT_SEVERITY",
    "MAX_DEPTH",
    "NOTE",
    "RECONCILED",
    "SENDER",
    "SERVICE_LABELS",
    "Candidate",
    "Difference",
    "Document",
    "Doubts",
    "Fold",
    "NewAlert",
    "OpenAlert",
    "Unreadable",
    "candidates",
    "compare",
    "cut_dedup_key",
    "cut_description",
    "cut_labels",
    "cut_line",
    "depth",
    "explain",
    "fingerprint",
    "fold",
    "http_link",
    "is_own",
    "is_worse",
    "noted",
    "read_json",
    "read_severity",
    "read_time",
    "start_of",
    "tidy_links",
    "unmapped",
    "unreadable",
    "unreadable_entry",
]
