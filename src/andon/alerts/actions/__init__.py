"""Writes: receive alerts, find their services, keys, and the raw log."""

from andon.alerts.actions.alerts import find_services, mark_seen, resolve, take_unseen
from andon.alerts.actions.keys import (
    UnableToCreateKey,
    UnableToRevokeKey,
    create_key,
    revoke_key,
    touch_keys,
)
from andon.alerts.actions.rawlog import pack, purge_raw, record_fault, replay
from andon.alerts.actions.receiving import Received, receive
from andon.alerts.actions.reconciling import resolve_gone

__all__ = [
    "Received",
    "UnableToCreateKey",
    "UnableToRevokeKey",
    "create_key",
    "find_services",
    "mark_seen",
    "pack",
    "purge_raw",
    "receive",
    "record_fault",
    "replay",
    "resolve",
    "resolve_gone",
    "revoke_key",
    "take_unseen",
    "touch_keys",
]
