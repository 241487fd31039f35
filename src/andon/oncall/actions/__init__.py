"""Writes: overrides and calendar addresses."""

from andon.oncall.actions.calendars import (
    UnableToShareCalendar,
    create_feed,
    revoke_feed,
    use_feed,
)
from andon.oncall.actions.overrides import (
    LONGEST_OVERRIDE,
    UnableToOverride,
    add_override,
    cancel_override,
)

__all__ = [
    "LONGEST_OVERRIDE",
    "UnableToOverride",
    "UnableToShareCalendar",
    "add_override",
    "cancel_override",
    "create_feed",
    "revoke_feed",
    "use_feed",
]
