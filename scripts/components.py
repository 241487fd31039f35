#!/usr/bin/env python3
"""Install the real components that the tests run, from Debian's packages, where that is possible.

Standard library only. Without apt, or without the right to use it, it names what is missing: those
tests are then skipped by name on a laptop, and are errors in CI (`CI=true`).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

#: Program -> the Debian package that has it. The tests find programs by the same names.
PACKAGES = {
    "victoria-metrics": "victoria-metrics",
    "vmalert": "victoria-metrics",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "initdb": "postgresql",
    "postgres": "postgresql",
    "chromium": "chromium",
    "haproxy": "haproxy",
    "nginx": "nginx",
}
#: Debian starts services when it installs them; the tests run their own, on ports of their own.
NO_AUTOSTART = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@"
"""


def find(program):
    """Return where a program is, or None. Debian keeps PostgreSQL's own off PATH."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]
    places += sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return shutil.which(program, path=os.pathsep.join(places))


def missing():
    """Return the packages of the programs that are not here."""
    return sorted({package for program, package in PACKAGES.items() if find(program) is None})


def root_prefix():
    """Return how to become root without asking: nothing, sudo, or None if there is no way."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if sudo and subprocess.call([sudo, "-n", "true"], **quiet) == 0:
        return [sudo, "-n"]
    return None


def install(packages, prefix):
    """Install packages quietly; show the end of the log if that failed."""
    env = ["env", "DEBIAN_FRONTEND=noninteractive"]
    with tempfile.TemporaryFile() as log:
        command = [*prefix, *env, "sh", "-c", NO_AUTOSTART, "install", *packages]
        status = subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        if status:
            log.seek(0)
            tail = log.read().decode(errors="replace").splitlines()[-15:]
            print("\n".join("    " + line for line in tail), flush=True)


def main():
    """Install what is missing, or name it. Returns the exit status: a failure only in CI."""
    wanted = missing()
    if not wanted:
        return 0
    print("Missing components for the tests: " + ", ".join(wanted), flush=True)
    prefix = root_prefix()
    if shutil.which("apt-get") and prefix is not None:
        print("Installing them with apt-get (services are not started) ...", flush=True)
        install(wanted, prefix)
    wanted = missing()
    if not wanted:
        return 0
    in_ci = os.environ.get("CI") == "true"
    then = "fail, because CI=true" if in_ci else "are skipped, each by name"
    print(f"Not here: {', '.join(wanted)}. The tests that need them {then}.", flush=True)
    print(f"  Debian, Ubuntu:  sudo apt-get install {' '.join(wanted)}", flush=True)
    return 1 if in_ci else 0


if __name__ == "__main__":
    sys.exit(main())
