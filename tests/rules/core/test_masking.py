"""What is left of addresses and secrets where anybody may read."""

import pytest

from andon.core import masking

SECRET = "Zx9SECRETzX9"
WHOLE = (
    f"https://ntfy.example/{SECRET}",
    f"https://ann:{SECRET}@ntfy.example:8443/",
    f"https://:tk_{SECRET.lower()}abcdefghij@ntfy.example/topic",
    f"https://hooks.example/a/b?token={SECRET}",
    f"https://hooks.example/a#{SECRET}",
    f"https://hooks.example#whsec_{SECRET}",
    f"postgresql://andon:{SECRET}@db.example/andon",
    f"smtp+starttls://andon:{SECRET}@mail.example:587",
    f"https://ann:pa/{SECRET}@ntfy.example/topic",
    f"https://ann:12/{SECRET}@ntfy.example/topic",
    f"https://ann:pa#{SECRET}@ntfy.example/topic",
    f"https://ann:pa?{SECRET}@ntfy.example/topic",
    f"https://ann:p@{SECRET}@ntfy.example/topic",
    f"https://ann:pa[{SECRET}@ntfy.example/topic",
    f"HTTPS://NTFY.EXAMPLE/{SECRET}",
)


@pytest.mark.parametrize("address", WHOLE)
def test_a_url_is_shown_without_what_opens_it(address: str) -> None:
    assert SECRET.lower() not in masking.url(address).lower()


@pytest.mark.parametrize("address", WHOLE)
@pytest.mark.parametrize("sentence", ["{}", "cannot reach {}.", "for url '{}'", "({})", "<{}>"])
def test_nor_does_a_sentence_hold_it(sentence: str, address: str) -> None:
    assert SECRET.lower() not in masking.text(sentence.format(address)).lower()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ntfy.example", "https://ntfy.example"),
        ("https://ntfy.example/", "https://ntfy.example"),
        ("https://u:p@n.example:8443/topic", "https://n.example:8443/..."),
        ("https://[::1]:8080/topic", "https://[::1]:8080/..."),
        ("https://h.example:x/", "(not a URL)"),
        ("topic", "(not a URL)"),
        ("", "(not a URL)"),
    ],
)
def test_the_host_of_a_url_stays(address: str, shown: str) -> None:
    assert masking.url(address) == shown


@pytest.mark.parametrize(
    "words",
    [
        f"GET /calendars/andon_cal_{SECRET}.ics",
        f"Authorization: Bearer {SECRET}",
        f"authorization=Basic {SECRET}",
        f'{{"routing_key": "{SECRET}"}}',
        f"password={SECRET}",
        f"/hooks/alertmanager/andon_key_{SECRET}/",
        f"POST /a/{SECRET}{SECRET}.{SECRET}/",
        f"whsec_{SECRET}",
        f"andon_api_{SECRET}",
        f"?token={SECRET}&x=1",
    ],
)
def test_keys_and_passwords_leave_a_text(words: str) -> None:
    assert SECRET not in masking.text(words)


def test_keys_of_pagerdutys_kind_leave_a_text() -> None:
    key = "0123456789abcdef0123456789abcdef"
    assert masking.text(f"routing key {key} refused") == "routing key ... refused"


def test_a_mail_address_keeps_its_first_letter_and_its_domain() -> None:
    assert masking.mail("ann.lee@example.org") == "a...@example.org"
    assert masking.text("550 <ann.lee@example.org> unknown") == "550 <a...@example.org> unknown"
    assert masking.mail("ann") == "(not a mail address)"


@pytest.mark.parametrize(
    "words",
    [
        "In working hours: the owning team is paged.",
        "INC-1042 opened. 99.9%: no cover out of hours, held until Mon 09:00",
        "answered 500 to /api/v1/rules: token bucket empty",
        "andon_notifications_late_seconds is 3.2 on host-1:4711",
        "2026-11-27T22:00:00Z 0193a7c5-1f2e-7abc-8def-0123456789ab",
        "Basic things first; bearer of news",
    ],
)
def test_other_words_are_left_alone(words: str) -> None:
    assert masking.text(words) == words


def test_parts_of_an_address_are_not_repeated_from_what_its_server_said() -> None:
    address = "https://ann:p%40ssword@hooks.example/services/T0SECRET?sig=abcd1234#whsec_xyz"
    said = (
        "answered 404: no topic T0SECRET for user p@ssword (p%40ssword), sig abcd1234, whsec_xyz; "
        "hooks.example says services are down"
    )
    left = masking.without(said, address=address)
    for secret in ("T0SECRET", "p@ssword", "p%40ssword", "abcd1234", "whsec_xyz"):
        assert secret not in left
    assert left.startswith("answered 404: no topic ...")
    assert "hooks.example says" in left


TOKEN = "mUmf2QePm3Zx9Tq_aB-7cDeFgHiJkLmNoPqRsTuVwXy"


@pytest.mark.parametrize(
    "path",
    [
        "/calender/{}.ics",
        "/calendars/{}",
        "/a{}/",
        "/hooks/alertmanager/{}/x",
        "/hooks/alertmanagerandon_key_{}",
        "/hook/andon_key_{}?x=1",
    ],
)
def test_tokens_in_mistyped_paths_leave_a_text(path: str) -> None:
    masked = masking.text(f"Not Found: {path.format(TOKEN)}")
    assert TOKEN[8:] not in masked
    assert masked.startswith("Not Found: /")


@pytest.mark.parametrize("path", ["/v2/enqueue{}", "/v2/{}", "/hooks/pagerduty/{}/"])
def test_keys_of_pagerdutys_kind_leave_paths_even_glued(path: str) -> None:
    key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    assert key[8:] not in masking.text(path.format(key))


@pytest.mark.parametrize(
    "path",
    [
        "/services/payment-gateway-production-eu-west-1-primary",
        "/usr/lib/python3/dist-packages/andon/web/hooks/app.py",
        "/hooks/alertmanager/",
        "/rotas/checkout-rota/2026-11-20",
    ],
)
def test_names_in_paths_stay(path: str) -> None:
    assert masking.text(path) == path


def test_keys_leave_a_body_and_its_length_stays() -> None:
    body = b'{"url": "http://h/hooks/alertmanager/andon_key_%s/"}' % TOKEN.encode()
    masked = masking.body(body)
    assert (len(masked), TOKEN.encode() in masked) == (len(body), False)
    assert masking.body(b'{"a": 1}') == b'{"a": 1}'
