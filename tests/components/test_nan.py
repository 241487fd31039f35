"""A quiet hour of 0/0 blinds nothing: promtool evaluates generated rules over NaN."""

import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from andon.slo.types import Evaluator, Indicator, IndicatorKind, Op
from andon.telemetry.rules import render, yaml
from tests.support import components
from tests.support.estates import estate, objective, subject

pytestmark = pytest.mark.components

QUOTIENT = Indicator(IndicatorKind.RAW, query="failed / asked")
GAUGE = Indicator(IndicatorKind.RAW, query="ratio")
PROBE = Indicator(IndicatorKind.THRESHOLD, query="quality", op=Op.GTE, value=Decimal("0.9"))
COUNTED = Indicator(
    IndicatorKind.RATIO,
    bad="sum(rate(bad_total[$window])) / sum(rate(bad_total[$window])) * sum(rate(bad_total[5m]))",
    total="rate(all_total[$window])",
)
NOTHING = " ".join(["NaN"] * 20)
#: Good for half an hour, twenty minutes of nothing, then half of everything fails.
SERIES = {
    "failed": "0x30 0x20 5x40",
    "asked": "10x30 0x20 10x40",
    "ratio": f"0x30 {NOTHING} 0.5x40",
    "quality": f"1x30 {NOTHING} 0x40",
    "bad_total": "0x50 0+5x40",
    "all_total": "0+10x30 300x20 310+10x40",
}


def test_nan_is_not_counted_and_not_kept(tmp_path: Path) -> None:
    kinds = {"quotient": QUOTIENT, "gauge": GAUGE, "probe": PROBE, "counted": COUNTED}
    made = estate(
        subject("checkout"),
        objectives=tuple(
            objective("checkout", slug=slug, indicator=one) for slug, one in kinds.items()
        ),
    )
    (file,) = render.rule_files(estate=made, engine=Evaluator.PROMETHEUS)
    (tmp_path / "rules.yml").write_text(file.text, encoding="utf-8")
    looks = []
    for slug in kinds:
        paging = f'ALERTS{{alertname="SloPageFast",alertstate="firing",slo="{slug}"}}'
        left = f'slo:error_ratio:6h{{slo="{slug}"}}'
        looks += [
            seen(f"count({paging})", "50m", None),
            seen(f"count({paging})", "65m", 1),
            # Neither NaN, nor nothing.
            seen(f"count({left} >= 0)", "50m", 1),
            seen(f"count({left} > 0)", "65m", 1),
        ]
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": s, "values": v} for s, v in SERIES.items()],
                "promql_expr_test": looks,
            }
        ],
    }
    (tmp_path / "test.yml").write_text(yaml.dump(document), encoding="utf-8")
    program = components.require("promtool")
    done = subprocess.run(
        [program, "test", "rules", tmp_path / "test.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def seen(expr: str, at: str, value: int | None) -> dict[str, object]:
    samples = [] if value is None else [{"labels": "{}", "value": value}]
    return {"expr": expr, "eval_time": at, "exp_samples": samples}
