"""The kernel: clock, ids, periods, money, claims, audit, errors. Knows no domain."""
