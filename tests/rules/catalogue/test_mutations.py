"""Whatever stands in the files, the check answers with problems and never falls over."""

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.rules.documents import check
from andon.core.documents import source


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(text):
    documents, problems = source.read_text(text, file="f.yaml")
    check.check_documents(documents, problems)
