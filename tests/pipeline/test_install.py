"""What the guide says of installing holds: the files in `deploy` with the programs they are for."""

import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import trustme

from tests.support import components
from tests.support.installation import alertmanager_body as body
from tests.support.installation import eventually, installation, mailbox, text_of

pytestmark = [pytest.mark.components]

ROOT = Path(__file__).resolve().parents[2]
DEPLOY, SAMPLE = ROOT / "deploy", ROOT / "examples" / "fruits-r-us"
NAME = "andon.example"


class Outside:
    """A client somewhere else, for whom the name means the proxy."""

    def __init__(self, *, authority: trustme.CA, tls: int, plain: int) -> None:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        self.plain = f"http://127.0.0.1:{plain}"
        self.client = httpx2.Client(
            base_url=f"https://127.0.0.1:{tls}",
            headers={"host": NAME},
            verify=context,
            trust_env=False,
            timeout=20,
        )

    def ask(self, method: str, path: str, **options: object) -> httpx2.Response:
        """Ask by HTTPS, with the name's certificate checked."""
        path = path.removeprefix(f"https://{NAME}")
        return self.client.request(
            method,
            path,
            extensions={"sni_hostname": NAME},
            **options,  # type: ignore[arg-type]
        )


@contextmanager
def nginx(folder: Path, *, behind: int) -> Iterator[Outside]:
    """Run nginx with the file of `deploy`, with other ports and paths."""
    program = components.require("nginx")
    folder.mkdir()
    authority = trustme.CA()
    leaf = authority.issue_cert(NAME)
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    for blob in leaf.cert_chain_pems:
        blob.write_to_path(folder / "cert.pem", append=True)
    tls, plain = components.free_port(), components.free_port()
    site = (DEPLOY / "nginx.conf").read_text()
    for wanted, here in {
        "/etc/ssl/andon.example.pem": f"{folder}/cert.pem",
        "/etc/ssl/private/andon.example.key": f"{folder}/key.pem",
        "/var/log/nginx/andon.error.log": f"{folder}/error.log",
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        "listen 443 ": f"listen 127.0.0.1:{tls} ",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "    listen [::]:443 ssl http2;\n": "",
        "    listen [::]:80;\n": "",
    }.items():
        assert wanted in site, f"{wanted} is no longer in deploy/nginx.conf"
        site = site.replace(wanted, here)
    (folder / "site.conf").write_text(site)
    (folder / "temporary").mkdir()
    stores = "".join(
        f"{kind}_temp_path {folder}/temporary/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Else its workers are nobody, who may not enter a test's folder.
    (folder / "nginx.conf").write_text(
        f"user root; daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ {stores} access_log {folder}/access.log; include {folder}/site.conf; }}\n"
    )
    command = [program, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    with components.running(command, port=plain, folder=folder):
        outside = Outside(authority=authority, tls=tls, plain=plain)
        with outside.client:
            yield outside


def test_behind_the_guides_nginx_an_alert_pages_and_its_link_acknowledges(tmp_path: Path) -> None:
    with mailbox() as (box, smtp_url), installation(tmp_path / "home", smtp_url=smtp_url) as andon:
        andon.environ = {
            "ANDON_URL": f"https://{NAME}",
            "ANDON_TRUSTED_PROXIES": "127.0.0.1",
        }
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(SAMPLE), "--yes")
        key = andon.key("alertmanager")
        andon.start("up")
        with nginx(tmp_path / "nginx", behind=andon.port) as outside:
            plain = httpx2.get(f"{outside.plain}/x?y=1", headers={"host": NAME}, trust_env=False)
            assert (plain.status_code, plain.headers["location"]) == (301, f"https://{NAME}/x?y=1")
            assert outside.ask("GET", "/metrics").status_code == 403

            alerts = [{"alertname": "down", "service": "checkout", "severity": "critical"}]
            answer = outside.ask(
                "POST",
                "/hooks/alertmanager/",
                content=body(alerts),
                headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            )
            assert answer.status_code == 202, answer.text
            mail = eventually(lambda: next(iter(box.mails()), None), what="the page")
            link = re.search(rf"https://{NAME}/a/\S+/", text_of(mail))
            assert link, text_of(mail)
            taken = outside.ask("POST", link[0], headers={"referer": link[0]})
            assert taken.status_code == 200, taken.text[:500]
            assert andon.rows("SELECT state FROM paging_page") == [("acknowledged",)]

            form = outside.ask("GET", "/", follow_redirects=False)
            sign_in = outside.ask("GET", form.headers["location"])
            assert sign_in.status_code == 200
            assert "Secure" in sign_in.headers["set-cookie"], "a cookie may leave in the clear"
            assert sign_in.headers["strict-transport-security"]
        assert not (tmp_path / "nginx" / "access.log").read_text(), "links are written to a log"


def test_what_the_guide_backs_up_comes_back_with_its_pages_and_links(tmp_path: Path) -> None:
    program = components.find("sqlite3")
    if program is None:
        pytest.skip("a machine without sqlite3")
    backup, link = tmp_path / "backup", ""
    backup.mkdir(mode=0o700)
    with mailbox() as (box, smtp_url), installation(tmp_path / "home", smtp_url=smtp_url) as andon:
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(SAMPLE), "--yes")
        key = andon.key("generic")
        andon.start("up")
        httpx2.post(
            f"{andon.url}/hooks/generic/",
            json={"service": "checkout", "summary": "down", "severity": "critical"},
            headers={"authorization": f"Bearer {key}"},
        ).raise_for_status()
        mail = eventually(lambda: next(iter(box.mails()), None), what="the page")
        link = re.search(r"/a/\S+/", text_of(mail))[0]  # type: ignore[index]
        command = [program, andon.home / "andon.sqlite3", f".backup {backup}/andon.sqlite3"]
        subprocess.run(command, check=True, timeout=60)
        (backup / "secret_key").write_bytes((andon.home / "secret_key").read_bytes())
    with installation(backup) as restored:
        restored.start("up")
        taken = httpx2.post(f"{restored.url}{link}", headers={"referer": restored.url})
        assert taken.status_code == 200, taken.text[:500]
        assert restored.rows("SELECT state FROM paging_page") == [("acknowledged",)]


def test_the_unit_of_systemd_is_read_without_complaint(tmp_path: Path) -> None:
    unit = (DEPLOY / "andon.service").read_text()
    # Only here it is not installed where the guide says.
    unit = unit.replace("/opt/andon/.venv/bin/andon", "/bin/true")
    path = tmp_path / "andon.service"
    path.write_text(unit)
    program = components.find("systemd-analyze")
    if program is None:
        pytest.skip("a machine without systemd")
    command = [program, "verify", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
