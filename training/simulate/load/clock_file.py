"""One instant that processes share: the load moves it, the service reads it as its clock."""

import mmap
import struct
from pathlib import Path

_FORM = struct.Struct("<q")


class ClockFile:
    """Eight bytes: microseconds since 1970 UTC. One writer, any number of readers."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def move_to(self, instant_us: int) -> None:
        """Set it, making the file at first."""
        if not self._path.exists():
            self._path.write_bytes(_FORM.pack(instant_us))
            return
        with self._path.open("r+b") as file:
            file.write(_FORM.pack(instant_us))

    def read_us(self) -> int:
        """Read it."""
        return int(_FORM.unpack(self._path.read_bytes())[0])


class MappedClock:
    """Reads a clock file at the cost of a memory access, for as long as the process lives."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), _FORM.size, access=mmap.ACCESS_READ)

    def now_us(self) -> int:
        """Read it."""
        return int(_FORM.unpack(self._bytes[:])[0])
