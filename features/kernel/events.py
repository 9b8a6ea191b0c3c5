"""What the kernels sweep over."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

MISSING = -1
"""The code of a value or an entity key that is not known, and of an event that is none."""


class Events(NamedTuple):
    """Events by code, then `known`, then arrival; `departures` lists them by code and `ends`.

    Those of a code are from `starts[code]` to before `starts[code + 1]`.
    """

    starts: Int64s
    known: Int64s
    ends: Int64s
    departures: Int64s


class Queries(NamedTuple):
    """Questions by code and time; `starts` as of events, over the same codes.

    `rows` say where each answer goes. `own` is the event that each must not see, or MISSING; it
    is empty where there is none at all.
    """

    starts: Int64s
    rows: Int64s
    times: Int64s
    own: Int64s
