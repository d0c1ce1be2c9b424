"""Which customers can be reached on a channel, and why the others cannot, over columns.

`crm.customers.reach` decides the same for one customer, again when sending.
"""

from collections.abc import Mapping

import numpy as np

from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part
from crm.customers.reach import ADDRESSES, REASONS, Reason
from crm.customers.values import Channel


def reasons(part: Part, channel: Channel) -> Mapping[Reason, Mask]:
    """The rows of the part that cannot be reached, by reason; each row has at most one.

    Cached for each part and channel, because every preview needs it.
    """
    if channel not in part.reasons:
        part.reasons[channel] = _reasons(part, channel)
    return part.reasons[channel]


def _reasons(part: Part, channel: Channel) -> Mapping[Reason, Mask]:
    addressed = np.zeros(part.size, np.bool_)
    for name in ADDRESSES[channel]:
        addressed |= (part.texts(name).series.str.len_bytes() > 0).fill_null(False).to_numpy()
    refused = ~part.flags("consent").yes | part.flags(f"consents.{channel}").equal(False)
    fits = (refused, ~addressed, part.codes(f"suppressions.{channel}").has())
    found: dict[Reason, Mask] = {}
    left = np.ones(part.size, np.bool_)
    for reason, mask in zip(REASONS, fits, strict=True):
        found[reason] = mask & left
        left &= ~mask
    return found
