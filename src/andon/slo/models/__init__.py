"""What is declared, and what changed."""

from andon.slo.models.changes import Change as Change
from andon.slo.models.declarations import Declaration as Declaration
