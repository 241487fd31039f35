"""Which columns each list has, and what it can be narrowed by."""
