"""Push messages through an ntfy server."""
