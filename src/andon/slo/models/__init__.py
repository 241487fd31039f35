"""What is declared, measured and rolled out."""

from andon.slo.models.budgets import BudgetPoint as BudgetPoint
from andon.slo.models.budgets import BudgetReading as BudgetReading
from andon.slo.models.budgets import TargetLoss as TargetLoss
from andon.slo.models.changes import Change as Change
from andon.slo.models.declarations import Declaration as Declaration
from andon.slo.models.rollouts import Duty as Duty
from andon.slo.models.rollouts import Rollout as Rollout
from andon.slo.models.rollouts import RuleState as RuleState
