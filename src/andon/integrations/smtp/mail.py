"""Writes a message as a mail: plain text and HTML, headers that cannot be injected into.

By hand and not by `email.message.EmailMessage`, which spends a millisecond on each: a storm has
thousands. Every header value here is ours, or has gone through `one_line`.
"""

import base64
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from html import escape

from andon.integrations.egress.text import clean, cut, one_line
from andon.paging.types import Message

_TEXT_BYTES = 100_000
_LINE = 900
_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family:sans-serif;font-size:16px;line-height:1.4;max-width:40em">
{button}<p>{text}</p>
<p><a href="{link}">{link_words}</a></p>
</body></html>
"""
_BUTTON = (
    '<p><a href="{url}" style="display:inline-block;padding:14px 28px;background:#8b1a1a;'
    'color:#ffffff;font-weight:bold;text-decoration:none">Acknowledge</a></p>\n'
)


def compose(*, message: Message, sender: str, to: str, domain: str, now: datetime) -> bytes:
    """Return the mail as it travels. `sender` and `to` are checked header values."""
    subject = one_line(message.subject, limit=200)
    thread = f"<{one_line(str(message.data.get('page', message.uid)), limit=64)}@{domain}>"
    boundary = f"=_{message.uid}"
    headers = {
        "From": sender,
        "To": to,
        "Subject": _encoded(subject),
        "Date": format_datetime(now),
        # The same on every attempt, so that mail programs fold duplicates.
        "Message-ID": f"<{message.uid}@{domain}>",
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Andon-Page": thread.strip("<>").partition("@")[0],
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    if message.urgent:
        headers["Importance"] = "high"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    text = cut(clean(message.body).strip() or "(no text)", limit=_TEXT_BYTES)
    parts = (
        f"--{boundary}\r\n{_part('plain', _plain(message, text))}\r\n"
        f"--{boundary}\r\n{_part('html', _html(message, subject, text))}\r\n--{boundary}--\r\n"
    )
    return f"{head}\r\n{parts}".encode()


def _plain(message: Message, text: str) -> str:
    ack = f"Acknowledge: {message.ack_link}\n" if message.ack_link else ""
    return f"{text}\n\n{ack}{message.link_words or 'Page'}: {message.link}\n"


def _html(message: Message, subject: str, text: str) -> str:
    button = _BUTTON.format(url=escape(message.ack_link)) if message.ack_link else ""
    return _HTML.format(
        title=escape(subject),
        button=button,
        text=escape(text).replace("\n", "<br>\n"),
        link=escape(message.link),
        link_words=escape(message.link_words or "See the page in Andon"),
    )


def _part(subtype: str, text: str) -> str:
    kind = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: "
    if text.isascii() and max(map(len, text.split("\n"))) < _LINE:
        return f"{kind}7bit\r\n\r\n" + text.replace("\n", "\r\n")
    coded = base64.encodebytes(text.replace("\n", "\r\n").encode()).decode("ascii")
    return f"{kind}base64\r\n\r\n" + coded.replace("\n", "\r\n")


def _encoded(text: str) -> str:
    if text.isascii():
        return text
    return Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")
