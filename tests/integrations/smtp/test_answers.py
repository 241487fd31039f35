"""Whose fault an SMTP answer is: every code that servers are known to give, at every step."""

import pytest

from andon.integrations.smtp.answers import SmtpStep, judge, refusal
from andon.paging.types import Fault

CODES = (421, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 521, 530, 534, 535, 538,
         550, 551, 552, 553, 554, 555, 556)  # fmt: skip
INSTALLATION, MESSAGE = Fault.INSTALLATION, Fault.MESSAGE
RECIPIENT, TEMPORARY = Fault.RECIPIENT, Fault.TEMPORARY


@pytest.mark.parametrize("step", [SmtpStep.CONNECTION, SmtpStep.SENDER])
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("text", ["", "5.7.1 go away", "5.1.1 who are you", "4.7.0 not now"])
def test_t11_before_anybody_is_named_it_is_never_the_recipient(
    step: SmtpStep, code: int, text: str
) -> None:
    assert judge(step=step, code=code, text=text) is (TEMPORARY if code == 421 else INSTALLATION)


@pytest.mark.parametrize(
    ("code", "named", "later"),
    [
        (421, TEMPORARY, TEMPORARY),
        (450, TEMPORARY, TEMPORARY),
        (451, TEMPORARY, TEMPORARY),
        (452, INSTALLATION, INSTALLATION),
        (454, TEMPORARY, TEMPORARY),
        (455, TEMPORARY, TEMPORARY),
        (500, INSTALLATION, INSTALLATION),
        (501, INSTALLATION, INSTALLATION),
        (502, INSTALLATION, INSTALLATION),
        (503, INSTALLATION, INSTALLATION),
        (504, INSTALLATION, INSTALLATION),
        (521, INSTALLATION, INSTALLATION),
        (530, INSTALLATION, INSTALLATION),
        (534, INSTALLATION, INSTALLATION),
        (535, INSTALLATION, INSTALLATION),
        (538, INSTALLATION, INSTALLATION),
        (550, RECIPIENT, MESSAGE),
        (551, RECIPIENT, MESSAGE),
        (552, TEMPORARY, MESSAGE),
        (553, RECIPIENT, MESSAGE),
        (554, MESSAGE, MESSAGE),
        (555, MESSAGE, MESSAGE),
        (556, RECIPIENT, MESSAGE),
    ],
)
def test_t11_a_bare_code_is_judged_by_where_it_stands(
    code: int, named: Fault, later: Fault
) -> None:
    assert judge(step=SmtpStep.RECIPIENT, code=code, text="no enhanced code") is named
    assert judge(step=SmtpStep.MESSAGE, code=code, text="no enhanced code") is later


@pytest.mark.parametrize("step", [SmtpStep.RECIPIENT, SmtpStep.MESSAGE])
@pytest.mark.parametrize(
    ("code", "text", "fault"),
    [
        (550, "5.1.1 no such user", RECIPIENT),
        (550, "5.1.2 no such system", RECIPIENT),
        (553, "5.1.3 not an address", RECIPIENT),
        (550, "5.1.6 has moved", RECIPIENT),
        (556, "5.1.10 null MX", RECIPIENT),
        (550, "5.2.1 mailbox disabled", RECIPIENT),
        (450, "4.1.1 mailbox being moved", TEMPORARY),
        (450, "4.2.1 mailbox busy", TEMPORARY),
        (552, "5.2.2 mailbox full", TEMPORARY),
        (452, "4.2.2 mailbox full", TEMPORARY),
        (550, "5.1.7 bad sender", INSTALLATION),
        (450, "4.1.8 sender's domain not found", INSTALLATION),
        (452, "4.3.1 mail system full", INSTALLATION),
        (550, "5.3.5 system incorrectly configured", INSTALLATION),
        (550, "5.4.5 daily user sending quota exceeded", INSTALLATION),
        (552, "5.3.4 message too big", MESSAGE),
        (552, "5.2.3 message too long for the mailbox", MESSAGE),
        (554, "5.6.0 looks like spam", MESSAGE),
        (554, "5.7.1 relay access denied", MESSAGE),
        (550, "5.4.1 recipient address rejected: access denied", MESSAGE),
        (450, "4.7.1 greylisted", TEMPORARY),
        (451, "4.7.500 server busy", TEMPORARY),
        (452, "4.5.3 too many recipients", INSTALLATION),
        (530, "5.7.0 authentication required", INSTALLATION),
        (421, "4.7.0 too many connections", TEMPORARY),
    ],
)
def test_t11_an_enhanced_code_says_more(step: SmtpStep, code: int, text: str, fault: Fault) -> None:
    assert judge(step=step, code=code, text=text) is fault


def test_what_the_server_said_is_kept_readable() -> None:
    error = refusal(step=SmtpStep.SENDER, code=554, text=b"5.7.1 caf\xe9 closed", where="mx:25")
    assert str(error) == "mx:25 refused the sender: 554 5.7.1 caf\ufffd closed"
    assert len(str(refusal(step=SmtpStep.MESSAGE, code=554, text="x" * 9000))) == 500
