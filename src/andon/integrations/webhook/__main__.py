"""Prints the secret a receiver checks our signatures with.

Use: `python -m andon.integrations.webhook https://HOST/PATH`.
"""

import os
import sys

from andon.integrations.webhook.signature import derive_secret


def main() -> int:
    """Print the secret of one receiver's URL."""
    if len(sys.argv) != 2 or not sys.argv[1].startswith(("http://", "https://")):
        sys.stderr.write("usage: python -m andon.integrations.webhook https://HOST/PATH\n")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    from django.conf import settings  # noqa: PLC0415 - reads the environment when imported

    secret = derive_secret(installation_key=settings.SECRET_KEY, url=sys.argv[1])
    sys.stdout.write(f"{secret}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
