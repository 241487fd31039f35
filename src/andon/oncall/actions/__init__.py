"""Writes: overrides and calendar addresses; and a watch over what others write."""

from andon.oncall.actions.calendars import (
    UnableToShareCalendar,
    create_feed,
    revoke_feed,
    use_feed,
)
from andon.oncall.actions.news import take_news
from andon.oncall.actions.overrides import (
    LONGEST_OVERRIDE,
    UnableToOverride,
    add_override,
    cancel_override,
)
from andon.oncall.actions.watch import UnableToReplace, Watch

__all__ = [
    "LONGEST_OVERRIDE",
    "UnableToOverride",
    "UnableToReplace",
    "UnableToShareCalendar",
    "Watch",
    "add_override",
    "cancel_override",
    "create_feed",
    "revoke_feed",
    "take_news",
    "use_feed",
]
