"""Everything generated from an estate, and how it comes into force: check, swap, reload, prove."""

from andon.integrations.telemetry.bundling import bundle, omissions
from andon.integrations.telemetry.checking import check
from andon.integrations.telemetry.folder import Folder, UnableToRollOut, digest_of
from andon.integrations.telemetry.rollout import (
    RolloutAttempt,
    Tools,
    proof_seconds,
    roll_out,
    tools,
)

__all__ = [
    "Folder",
    "RolloutAttempt",
    "Tools",
    "UnableToRollOut",
    "bundle",
    "check",
    "digest_of",
    "omissions",
    "proof_seconds",
    "roll_out",
    "tools",
]
