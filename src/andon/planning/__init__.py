"""The insurance model: what cover is worth, which to choose, and what changes if something does."""
