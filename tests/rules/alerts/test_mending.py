"""Bodies that tools send and JSON forbids: what is read, what is said about it, what stays shut."""

import codecs
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.alerts import rules
from andon.alerts.rules.mending import MAX_PARTS
from andon.alerts.types import KnownKey, UnreadableRequest
from andon.integrations.alertmanager import receiver as alertmanager

KEY = KnownKey(1, "alertmanager", "production", None, None, 0)

FORBIDDEN: list[tuple[bytes, Any, str]] = [
    (rb'{"a": "deploy failed \ud83d"}', "deploy failed �", "half a character"),
    (rb'{"a": "Temp 61 \udcc2\udcb0C"}', "Temp 61 °C", "half a character"),
    (rb'{"a": "\ude00 \ud83d\ude00"}', "� 😀", "half a character"),
    (b'{"a": "x \xed\xa0\xbd\xed\xb8\x80"}', "x 😀", "half a character"),
    (b'{"a": "x \xed\xa0\xbd"}', "x �", "half a character"),
    (b'{"a": "line\nand\ttab"}', "line\nand\ttab", "control characters"),
    (b'{"a": "n\x00l \x1b"}', "n�l \x1b", "control characters"),
    ('{"a": "Störung"}'.encode("latin-1"), "Störung", "not UTF-8"),
    ('{"a": "„fünf“ €"}'.encode("cp1252"), "„fünf“ €", "not UTF-8"),
    ('{"a": "ü and 😀"}'.encode() + b" \xff", "ü and 😀", "not UTF-8"),
    (codecs.BOM_UTF8 + b'{"a": "x"}', "x", "byte order mark"),
    ('{"a": "ü😀"}'.encode("utf-16"), "ü😀", "UTF-16"),
    ('{"a": "ü😀"}'.encode("utf-16-le"), "ü😀", "UTF-16"),
    ('{"a": "ü😀"}'.encode("utf-16-be"), "ü😀", "UTF-16"),
    ('{"a": "ü😀"}'.encode("utf-32"), "ü😀", "UTF-32"),
    (b'{"a": NaN}', "NaN", "NaN"),
    (b'{"a": [Infinity, -Infinity]}', ["Infinity", "-Infinity"], "NaN or Infinity"),
    (b'{"a": 1e999}', "1e999", "too large"),
    (b'{"a": -' + b"9" * 5000 + b"}", "-" + "9" * 299 + "…", "too large"),
    (b'{"a": [1, 2,],}', [1, 2], "comma"),
    (b'{"a": "kept,]", }', "kept,]", "comma"),
    (rb'{"a": "C:\temp\q \u12"}', "C:\temp\\q \\u12", "backslash"),
    (b')]}\',\n{"a": "x"}', "x", "before its beginning"),
    (b'[INFO] {"a": "x"}', "x", "before its beginning"),
    (b'{"a": "x"} -- sent by cron', "x", "after its end"),
    (b'{"a": ' + b"[" * 90 + b"]" * 90 + b"}", ..., "levels of nesting"),
]


@pytest.mark.parametrize(("body", "value", "note"), FORBIDDEN)
def test_what_json_forbids_and_tools_send_is_read_and_said(body, value, note):
    found = rules.read_json(body)
    if value is not ...:
        assert found.value == {"a": value}
    assert note in found.note
    assert found.note.startswith("Andon mended this message to read it; it held ")
    assert msgspec.json.decode(msgspec.json.encode(found.value)) == found.value


def test_documents_one_after_the_other_are_a_list():
    found = rules.read_json(b'{"a": 1}\n{"a": 2}\n\x1e{"a": 3},')
    assert (found.value, "several documents" in found.note) == ([{"a": n} for n in (1, 2, 3)], True)


def test_nesting_is_cut_where_it_is_too_deep():
    found = rules.read_json(b'{"a": ' + b"[" * 90 + b"]" * 90 + b', "b": 1}')
    assert rules.depth(found.value) == rules.MAX_DEPTH
    assert found.value["b"] == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"garbage", b'"', b'{"a": "b', b"{'a': 1}", b"[" * 100_000, b"]", b"{"],
)
def test_what_stays_unreadable_says_why(body):
    with pytest.raises(UnreadableRequest) as caught:
        rules.read_json(body)
    assert caught.value.errors
    assert caught.value.is_alarm


@pytest.mark.parametrize("parts", [b"[],", b"{},", b'{"alerts":[],'])
def test_what_is_small_and_grows_without_measure_is_refused_before_it_is_read(parts: bytes) -> None:
    body = b"[" + parts * (MAX_PARTS + 1) + b"[]]"
    for read in (rules.read_json, lambda body: alertmanager.parse(body, KEY)):
        with pytest.raises(UnreadableRequest) as refused:
            read(b'{"alerts":' + body + b"}")
        assert "lists and objects" in refused.value.why


texts = st.text(st.characters(exclude_characters='"\\', exclude_categories=["Cs"]), max_size=40)


@given(texts, st.sampled_from(["utf-8", "utf-16", "utf-16-be", "utf-32", "latin-1"]), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_raw_text_is_read_whatever_stands_in_it(text, encoding, trailing):
    """Control characters as they are, in whatever encoding its tool writes."""
    if encoding == "latin-1" and not all(char <= "\x7f" or char >= "\xa0" for char in text):
        return
    try:
        body = ('{"summary": "' + text + ('",}' if trailing else '"}')).encode(encoding)
    except UnicodeEncodeError:
        return
    found = rules.read_json(body)
    if encoding == "latin-1":
        assert isinstance(found.value["summary"], str)  # may be UTF-8 by accident
    else:
        assert found.value == {"summary": text.replace("\x00", "�")}
