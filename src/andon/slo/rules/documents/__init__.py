"""What files declare about telemetry, read and checked: objectives, alerts, subjects."""

from andon.slo.rules.documents.check import CheckedTelemetry as CheckedTelemetry
from andon.slo.rules.documents.check import check_documents as check_documents
from andon.slo.rules.documents.check import check_folder as check_folder
from andon.slo.rules.documents.check import estate_of as estate_of
