"""Generated files and the folder they live in; commands that need no database take it from below.

See `slo.documents.generated`.
"""

from andon.slo.documents.generated import MANIFEST as MANIFEST
from andon.slo.documents.generated import Act as Act
from andon.slo.documents.generated import Change as Change
from andon.slo.documents.generated import Difference as Difference
from andon.slo.documents.generated import UnableToWrite as UnableToWrite
from andon.slo.documents.generated import Written as Written
from andon.slo.documents.generated import compare as compare
from andon.slo.documents.generated import listed as listed
from andon.slo.documents.generated import write as write
