"""What is said of templates is what promtool and vmalert say of them."""

import json
import subprocess

import pytest

from andon.slo.rules.documents import templates
from tests.support.components import require

READ = [
    "no template at all }}",
    "{{ $value }} of {{ $labels.host }}",
    "{{ $value | humanizePercentage }}",
    '{{"{{"}} $labels }}',
    '{{ printf "%.2f }}" $value }}',
    "{{- /* nothing }} */ -}}",
    "{{ if gt $value 5.0 }}a{{ else if eq $labels.x `}}` }}b{{ else }}c{{ end }}",
    "{{ range query `up` }}{{ .Labels.job }}{{ end }}",
    "{{ with $x := $labels.a }}{{ $x | toUpper }}{{ end }}",
    "{{ range $i, $one := query `up` }}{{ $i }}{{ $one | value }}{{ end }}",
    '{{ (index $labels "a-b") | reReplaceAll "x(.*)" "$1" }}',
]
REFUSED = [
    "{{ $labels.host",
    "{{ }}",
    "{{ if $value }}x",
    "x{{ end }}",
    "{{ $host }}",
    "{{ $value | humanise }}",
    '{{ (printf "%v" $value }}',
    '{{ "half }}',
]


def accepted(program: str, text: str, folder) -> bool:
    rule = {"alert": "A", "expr": "up == 0", "annotations": {"summary": text}}
    file = folder / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "g", "rules": [rule]}]}), encoding="utf-8")
    how = ["check", "rules", str(file)] if program == "promtool" else ["-dryRun", f"-rule={file}"]
    return (
        subprocess.run([require(program), *how], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.parametrize("text", READ)
def test_what_engines_read_is_let_pass(text, tmp_path):
    assert templates.fault(text, is_for_both=True) == ""
    assert accepted("promtool", text, tmp_path)


@pytest.mark.parametrize("text", REFUSED)
def test_what_engines_refuse_is_refused(text, tmp_path):
    assert templates.fault(text, is_for_both=True)
    assert not accepted("promtool", text, tmp_path)
    assert not accepted("vmalert", text, tmp_path)


@pytest.mark.parametrize("program", ["promtool", "vmalert"])
def test_every_function_and_variable_is_one_of_both_engines(program, tmp_path):
    names = [*sorted(templates.FUNCTIONS), *(f"${one}" for one in sorted(templates.VARIABLES))]
    assert accepted(
        program, "{{ if false }}" + "".join(f"{{{{ {x} }}}}" for x in names) + "{{ end }}", tmp_path
    )


def test_functions_of_logs_alerts_are_vmalerts_own():
    assert templates.fault("{{ jsonEscape $expr }}", is_for_both=False) == ""
    assert templates.fault("{{ jsonEscape $expr", is_for_both=False)
