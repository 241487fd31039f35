"""SLOs as code: objectives and alerts as declared, their burn-rate arithmetic, and what changed."""
