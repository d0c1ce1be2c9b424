"""What hypothesis chooses from."""

from hypothesis import strategies as st

from tests.proof.stage import FAULTS, Stop
from tests.proof.world import PEOPLE

VENDOR = 6
"""The gate before the vendor is asked, in the dispatch of a chunk; the next one is before its answer."""

NAMING = (8, 10, 12, 14)
"""The gate before a launch names its list, which has one to four parts; the next one is after it."""

people = st.integers(0, PEOPLE)
anything = st.integers(0, 10_000)
campaigns = st.sampled_from(("a", "a", "a", "b"))
one_stop = st.builds(Stop, st.integers(0, 11), st.sampled_from(FAULTS))
troubles = st.one_of(st.tuples(one_stop), st.tuples(one_stop, one_stop))
stops = st.one_of(st.just(()), troubles)
at_the_naming = st.tuples(
    st.builds(Stop, st.sampled_from(NAMING).map(lambda gate: gate + 1), st.just("echo"))
)
at_the_vendor = st.builds(Stop, st.sampled_from((VENDOR, VENDOR + 1)), st.sampled_from(FAULTS))
