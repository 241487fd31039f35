"""The parts of grafana-foundation-sdk that are used, imported once and without its remark.

The SDK would rather see its second dashboard schema used. Grafana reads that one from version 12
on; the first is what every version provisions from files.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import common as common_builders
    from grafana_foundation_sdk.builders import dashboard as boards
    from grafana_foundation_sdk.builders import (
        prometheus,
        stat,
        statetimeline,
        table,
        text,
        timeseries,
    )
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import common
    from grafana_foundation_sdk.models import dashboard as models
    from grafana_foundation_sdk.models import prometheus as prometheus_models
    from grafana_foundation_sdk.models import text as text_models

__all__ = [
    "Builder",
    "JSONEncoder",
    "boards",
    "common",
    "common_builders",
    "models",
    "prometheus",
    "prometheus_models",
    "stat",
    "statetimeline",
    "table",
    "text",
    "text_models",
    "timeseries",
]
