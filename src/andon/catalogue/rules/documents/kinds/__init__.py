"""One module per group of kinds: an entity in, what it declares out."""
