"""Documents people write: read with their lines, and what is wrong with them. Knows no domain."""
