"""SLOs as code: objectives, burn-rate rules, error budgets, and how they are rolled out."""
