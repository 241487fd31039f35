"""Generic JSON: for whatever has no receiver of its own."""
