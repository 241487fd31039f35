"""The ways in that need no password yet: what `andon up` prints, and the operator's commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner, Result

from andon.cli.main import app
from andon.people.models import Person, SignInLink
from tests.support import factories as make
from tests.support.installation import eventually, installation, mailbox, text_of

SAMPLE = Path(__file__).parents[2] / "examples" / "fruits-r-us"
PASSWORD = "marmalade tin under stairs"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def submit(browser: httpx2.Client, url: str, **fields: str) -> httpx2.Response:
    """Open a page with a form and send it, as a browser does."""
    token = TOKEN.search(browser.get(url).text)
    assert token, url
    origin = {"origin": "/".join(url.split("/")[:3])}
    form = {"csrfmiddlewaretoken": token[1], **fields}
    return browser.post(url, data=form, headers=origin, follow_redirects=True)


@pytest.fixture
def browsers() -> Iterator[list[httpx2.Client]]:
    made = [httpx2.Client(timeout=30) for _ in range(3)]
    yield made
    for one in made:
        one.close()


def test_a_new_andon_lets_its_first_people_in(
    tmp_path: Path, browsers: list[httpx2.Client]
) -> None:
    """From an empty home: the link that `andon up` prints, the catalogue later, a link by mail."""
    gwen, ama, again = browsers
    with mailbox() as (box, smtp), installation(tmp_path / "home", smtp_url=smtp) as andon:
        process = andon.start("up", line="Another one: andon setup-link")
        [link] = re.findall(rf"{andon.url}/set-up/\S+", process.log.read_text())
        andon.run("apply", str(SAMPLE), "--yes")
        me = {"name": "Gwen Stone", "email": "gwen@fruits.example", "slug": ""}
        entered = submit(gwen, link, **me, password=PASSWORD, again=PASSWORD)
        assert "You administer this Andon now" in entered.text
        assert gwen.get(f"{andon.url}/keys/").status_code == 200
        assert again.get(link).status_code == 410

        sent = submit(ama, f"{andon.url}/sign-in/link/", name="Ama Boateng")
        assert "is on its way" in sent.text
        [mail] = eventually(lambda: box.mails(to="ama@fruits.example"), what="a link by mail")
        [link] = re.findall(r"Sign in to Andon: (\S+)", text_of(mail))
        assert "Sign in as Ama Boateng" in again.get(link).text
        assert "You have no password yet" in submit(ama, link).text
        assert ama.get(f"{andon.url}/people/ama/").status_code == 200
        handed = andon.run("sign-in-link", "AMA@fruits.example").strip()
        assert submit(again, handed).url.path == "/"
        printed = process.log.read_text()
        assert handed.split("/")[-2] not in printed
        assert link.split("/")[-2] not in printed
        process.stop()
        assert "set-up" not in andon.start("up").log.read_text(), "somebody administers it"


@pytest.mark.django_db
def test_the_operator_makes_a_link_for_somebody_by_any_of_their_names() -> None:
    make.person("ann", name="Ann Ashby")
    for typed in ("ann", "Ann ASHBY", "Ann@example.org"):
        result = run("sign-in-link", typed)
        assert result.exit_code == 0
        assert re.fullmatch(r"http://\S+/sign-in/link/andon_door_\S+/\n", result.stdout)
    assert SignInLink.objects.filter(person__slug="ann").count() == 3


@pytest.mark.django_db
def test_nobody_and_two_of_one_name_get_no_link() -> None:
    make.person("ann", name="Ann Ashby")
    make.person("ann-2", name="Ann Ashby")
    make.person("left", is_active=False)
    for typed in ("Ann Ashby", "left", "nobody", ""):
        result = run("sign-in-link", typed)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "e-mail address" in result.stderr
    assert not SignInLink.objects.exists()


@pytest.mark.django_db
def test_a_set_up_link_is_made_until_somebody_administers() -> None:
    make.person("ann", name="Ann Ashby")
    assert "/set-up/andon_door_" in run("setup-link").stdout
    Person.objects.filter(slug="ann").update(is_superuser=True)
    refused = run("setup-link")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Ann Ashby administers this Andon already" in refused.stderr
    Person.objects.filter(slug="ann").update(is_active=False)
    assert run("setup-link").exit_code == 0, "whoever has left administers nothing"
