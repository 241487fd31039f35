#!/usr/bin/env python3
"""Make `.venv` with what `requirements.lock` names, and Andon itself in it. Standard library only.

Runs, as far as saying what is missing goes, on any Python from 3.8: the newcomer's may be old.
Run again, it notices that nothing changed and returns at once.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

WANTED = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
#: The interpreter itself, also when this runs inside a virtual environment.
BASE = str(Path(getattr(sys, "_base_executable", None) or sys.executable).resolve())
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "andon-setup.json"
LOG = VENV / "andon-setup.log"
TAIL = 12

#: What uv and pip say when the registry, not the project, is the trouble.
UNREACHABLE = re.compile(
    r"Retrying|Connection (?:refused|reset|aborted)|[Nn]ame resolution|Name or service not known"
    r"|[Dd]ns error|ProxyError|[Tt]imed? ?out|SSL|certificate|Could not fetch URL|Max retries"
    r"|error sending request|Failed to fetch|No matching distribution|was not found in the package"
    r"|client error|HTTP status|40[137] |50[0234] "
)


class Trouble(Exception):
    """Setting up cannot go on; the message tells the reader what to do."""


def say(text):
    """Print a line at once, so that it stands in order with what other programs print."""
    print(text, flush=True)


def main():
    """Set up, or explain what is missing. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Set up .venv from requirements.lock.")
    parser.add_argument("--with", dest="tool", choices=("auto", "uv", "pip"), default="auto")
    parser.add_argument("--force", action="store_true", help="install even if nothing changed")
    options = parser.parse_args()
    try:
        if sys.version_info[:2] < WANTED:
            return continue_with_newer_python()
        set_up(tool=options.tool, force=options.force)
    except Trouble as trouble:
        sys.stderr.write(f"\n{trouble}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted; run the same command again to go on.\n")
        return 130
    return 0


def continue_with_newer_python():
    """Start over with the newest Python on PATH that will do."""
    for minor in (13, 12, 11, 14):
        found = shutil.which(f"python3.{minor}")
        if found and works(found):
            say(f"{sys.executable} is Python {version()}; using {found} instead.")
            return subprocess.call([found, __file__, *sys.argv[1:]])
    raise Trouble(
        f"""Andon needs Python >= 3.11; found {version()} at {sys.executable}, and no python3.11,
python3.12 or python3.13 on PATH.
  Debian, Ubuntu:  apt-get install python3.11 python3.11-venv   (or newer)
  Fedora:          dnf install python3.13
  macOS:           brew install python@3.13
Or name one that is somewhere else:  make {goal()} PYTHON=/path/to/python3.13"""
    )


def goal():
    """Return what was asked of make."""
    return os.environ.get("ANDON_GOAL") or "setup"


def works(python):
    """Return whether an interpreter starts and is new enough; a version manager's shim may not."""
    probe = "import sys; sys.exit(sys.version_info[:2] < (3, 11))"
    return subprocess.call([python, "-c", probe], stderr=subprocess.DEVNULL) == 0


def version():
    """Return this interpreter's version, such as 3.9.18."""
    return ".".join(map(str, sys.version_info[:3]))


def set_up(tool, force):
    """Bring `.venv` to the state the lock describes, with uv or else with pip."""
    wanted = fingerprint()
    before = read_stamp()
    if before == wanted and Path(PYTHON).exists() and not force:
        return
    started = time.time()
    if VENV.exists() and not is_usable(before, wanted):
        say("The Python or the folder changed: making .venv anew.")
        shutil.rmtree(VENV)
    if STAMP.exists():
        STAMP.unlink()
    used = install(tool)
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    took = time.time() - started
    say(f"Set up with {used} in {took:.1f} s: Python {version()}, .venv")


def is_usable(before, wanted):
    """Return whether `.venv` was made by this Python in this folder, as far as can be told."""
    if before:
        return before["python"] == wanted["python"] and before["root"] == wanted["root"]
    try:
        found = subprocess.check_output([PYTHON, "-c", "import sys; print(*sys.version_info[:3])"])
    except (OSError, subprocess.CalledProcessError):
        return False
    return found.decode().split() == version().split(".")


def fingerprint():
    """Return what the set-up depends on; the same as last time means that nothing is to be done."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return {"inputs": digest.hexdigest(), "python": [version(), BASE], "root": str(ROOT)}


def read_stamp():
    """Return what the last complete set-up depended on, or nothing."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def install(tool):
    """Install by the tool asked for; `auto` means uv if it is there, and pip if uv fails."""
    uv = None if tool == "pip" else shutil.which("uv")
    if tool == "uv" and uv is None:
        raise Trouble("uv is not on PATH; see https://docs.astral.sh/uv/, or leave the choice out.")
    if uv is not None:
        try:
            install_with_uv(uv)
        except Trouble as trouble:
            if tool == "uv":
                raise
            say(f"{trouble}\nuv did not manage; trying pip, which may be configured differently.")
        else:
            return "uv"
    install_with_pip()
    return "pip"


def install_with_uv(uv):
    """Make the environment exactly what the lock says, with uv."""
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never", VIRTUAL_ENV=str(VENV))
    if not Path(PYTHON).exists():
        say(f"[1/3] Making .venv (uv, Python {version()})")
        run([uv, "venv", "--quiet", "--allow-existing", "--python", BASE, VENV], env=env)
    say("[2/3] Installing what requirements.lock names (uv)")
    chatter = sys.stderr.isatty()
    sync = [uv, "pip", "sync", "--python", PYTHON, "--require-hashes", LOCK]
    run(sync if chatter else [*sync, "--quiet"], env=env, show=chatter)
    say("[3/3] Installing Andon itself")
    ours = ["--no-deps", "--no-build-isolation", "--quiet", "--editable", ROOT]
    run([uv, "pip", "install", "--python", PYTHON, *ours], env=env)


def install_with_pip():
    """Make the environment exactly what the lock says, with venv and pip."""
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    env.setdefault("PIP_RETRIES", "2")
    if not has_pip():
        say(f"[1/3] Making .venv (venv, Python {version()})")
        make_venv()
    pip = [PYTHON, "-m", "pip"]
    say("[2/3] Installing what requirements.lock names (pip)")
    lock = ["--no-deps", "--require-hashes", "--progress-bar", "off", "--requirement", LOCK]
    run([*pip, "install", *lock], env=env, watch=Progress(len(locked())))
    say("[3/3] Installing Andon itself")
    ours = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--editable", ROOT]
    run([*pip, "install", *ours], env=env)
    remove_strangers(pip, env)


def has_pip():
    """Return whether `.venv` is there and has pip; one that uv made has not."""
    if not Path(PYTHON).exists():
        return False
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.call([PYTHON, "-c", "import pip"], **quiet) == 0


def make_venv():
    """Make `.venv` with pip in it. Debian packs the part that this needs separately."""
    try:
        run([BASE, "-m", "venv", "--clear", VENV])
    except Trouble:
        package = f"python3.{sys.version_info[1]}-venv"
        raise Trouble(
            f"Python {version()} at {BASE} cannot make a virtual environment with pip in it.\n"
            f"  Debian, Ubuntu:  apt-get install {package}\n"
            "Or install uv (https://docs.astral.sh/uv/), which needs no such package."
        ) from None


def remove_strangers(pip, env):
    """Uninstall what the lock no longer names, as uv does by itself."""
    listed = json.loads(subprocess.check_output([*pip, "list", "--format", "json"], env=env))
    keep = locked() | {"andon", "pip", "setuptools", "wheel"}
    strangers = sorted(normal(each["name"]) for each in listed if normal(each["name"]) not in keep)
    if strangers:
        say("      removing " + ", ".join(strangers))
        run([*pip, "uninstall", "--yes", "--quiet", *strangers], env=env)


def locked():
    """Return the names of the packages in the lock."""
    text = LOCK.read_text(encoding="utf-8")
    return {normal(name) for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text)}


def normal(name):
    """Return a package's name in the one form that compares."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Progress:
    """Turns what pip prints into a count: over one line of a terminal, else in lines of twenty."""

    def __init__(self, total):
        """Start at nothing out of `total`."""
        self.total = total
        self.done = 0
        self.terminal = sys.stdout.isatty()

    def __call__(self, line):
        """Look at one line of pip's."""
        found = re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)", line)
        if found:
            self.done += 1
            self.show(found.group(1))
        elif line.startswith("Ignoring "):
            self.total -= 1  # is for another system, or another Python
        elif line.startswith("Installing collected"):
            self.end()
            say("      unpacking")
        elif "Retrying" in line and "after connection broken" in line:
            self.end()
            say("      no answer from the registry; trying again")

    def show(self, name):
        """Show how far it is."""
        if self.terminal:
            sys.stdout.write(f"\r      {self.done}/{self.total} {name[:40]:<40}")
            sys.stdout.flush()
        elif self.done % 20 == 0:
            say(f"      {self.done}/{self.total}")

    def end(self):
        """Leave the line that was written over."""
        if self.terminal and self.done:
            sys.stdout.write("\r" + " " * 60 + "\r")


def run(command, env=None, show=False, watch=None):
    """Run a program, keep what it says in a log, and raise Trouble that explains a failure."""
    lines = []
    pipe = None if show else subprocess.PIPE
    with subprocess.Popen(
        command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=pipe,
        stderr=None if show else subprocess.STDOUT, universal_newlines=True,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            lines.append(line)
            if watch:
                watch(line)
    if process.returncode:
        raise Trouble(explain(command, lines, process.returncode, env or os.environ))


def explain(command, lines, status, env):
    """Say what failed and what the reader can do about it."""
    text = "".join(lines)
    if VENV.is_dir():
        LOG.write_text(text, encoding="utf-8")
    shown = "".join("    " + masked(line) for line in lines[-TAIL:])
    what = f"This failed with status {status}: {' '.join(map(str, command))}\n{shown}"
    if "No space left" in text:
        return what + "\nThe disk is full."
    if "HASHES" in text or "Hash mismatch" in text:
        return what + (
            "\nA package is not the one the lock names: the registry, or something in between,\n"
            "serves another file. Do not go on; if the lock is wrong, `make lock` writes a new one."
        )
    if UNREACHABLE.search(text) or not text:
        return what + registry_advice(env)
    return what + f"\nThe whole output is in {LOG}"


def registry_advice(env):
    """Say which registry was asked, and how to name another or a proxy."""
    names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
    index = next(filter(None, map(env.get, names)), "the one in your pip.conf, or pip's own")
    proxy = env.get("HTTPS_PROXY") or env.get("https_proxy") or "none"
    return f"""
The packages could not be fetched: the package registry cannot be reached from here, or it
does not have them.
  registry:  {masked(index)}
  proxy:     {masked(proxy)}
A mirror:    export PIP_INDEX_URL=https://mirror.example/simple   (for uv: UV_INDEX_URL)
A proxy:     export HTTPS_PROXY=http://proxy.example:3128
A private certificate authority:  export PIP_CERT=/path/ca.pem    (for uv: SSL_CERT_FILE)
Then run the same command again; what was fetched already is kept."""


def masked(text):
    """Return a text without the passwords in its URLs."""
    return re.sub(r"://[^/@\s]+@", "://***@", text)


if __name__ == "__main__":
    sys.exit(main())
