"""Links that open an account: addresses that hold a secret, of which only the hash is stored."""

PREFIX = "andon_door_"


def sign_in_link(*, base_url: str, plain: str) -> str:
    """Return the address that offers to sign somebody in."""
    return f"{base_url}/sign-in/link/{plain}/"


def set_up_link(*, base_url: str, plain: str) -> str:
    """Return the address that offers to make the first administrator."""
    return f"{base_url}/set-up/{plain}/"
