"""A set of 16-byte digests in one block of memory, as it lies on the disk: found at first probe.

Open addressing with linear probing at half load. Each slot may carry the instant until which it
holds and the number of a set of rules. A million entries take 32 MB, mapped, not copied: two
processes that read the same version share them.
"""

import struct
from collections.abc import Iterable
from hashlib import blake2b
from mmap import ACCESS_READ, mmap
from pathlib import Path

from features.errors import RuleError

FOREVER = 0
DIGEST_BYTES = 16
_HEADER = struct.Struct("<8sQBB6x")
_MAGIC = b"PFLIST1\n"
_EMPTY = bytes(DIGEST_BYTES)
_SLOTS_PER_ENTRY = 2
_LEAST_SLOTS = 4
_UNTIL_BYTES, _TAG_BYTES = 8, 2
MAX_TAG = 2 ** (8 * _TAG_BYTES) - 1

Slot = tuple[bytes, int, int]
"""A digest, the instant until which it holds in microseconds (FOREVER: always), and a tag."""


def digest_of(value: str) -> bytes:
    """Hash a value for look-up; not a secret keeper: secrets come as keyed hashes already."""
    return blake2b(value.encode(errors="surrogatepass"), digest_size=DIGEST_BYTES).digest()


class Table:
    """The look-up of one version of a list; read only."""

    def __init__(self, block: bytes | mmap) -> None:
        magic, capacity, has_until, has_tags = _HEADER.unpack_from(block, 0)
        sizes = (DIGEST_BYTES, _UNTIL_BYTES * has_until, _TAG_BYTES * has_tags)
        if magic != _MAGIC or len(block) != _HEADER.size + capacity * sum(sizes):
            raise RuleError("is no look-up table of this version of Preflight")
        self._block = block
        self._capacity: int = capacity
        view = memoryview(block)
        end = _HEADER.size + capacity * DIGEST_BYTES
        until_end = end + capacity * sizes[1]
        self._untils = view[end:until_end].cast("q") if has_until else None
        self._tags = view[until_end:].cast("H") if has_tags else None

    def find(self, digest: bytes, as_of_us: int) -> int | None:
        """Give an entry's tag, or None where there is none, or none any more.

        An entry holds as long as `as_of_us` is before the instant until which it was made.
        """
        slot = self._slot(digest)
        if slot is None:
            return None
        until = FOREVER if self._untils is None else self._untils[slot]
        if until != FOREVER and as_of_us >= until:
            return None
        tag: int = 0 if self._tags is None else self._tags[slot]
        return tag

    def until(self, digest: bytes) -> int | None:
        """Give the instant until which an entry holds, or FOREVER; None where there is none."""
        slot = self._slot(digest)
        if slot is None:
            return None
        until: int = FOREVER if self._untils is None else self._untils[slot]
        return until

    def _slot(self, digest: bytes) -> int | None:
        block, capacity = self._block, self._capacity
        slot = int.from_bytes(digest[:8], "little") % capacity
        while True:
            start = _HEADER.size + slot * DIGEST_BYTES
            found = block[start : start + DIGEST_BYTES]
            if found == digest:
                return slot
            if found == _EMPTY:
                return None
            slot = (slot + 1) % capacity


def build_table(entries: Iterable[Slot], count: int) -> bytes:
    """Lay out `count` entries of different digests as one block; the order changes nothing else."""
    capacity = max(_LEAST_SLOTS, _SLOTS_PER_ENTRY * count)
    digests = bytearray(DIGEST_BYTES * capacity)
    untils, tags = _Column("<q", capacity), _Column("<H", capacity)
    for digest, until, tag in entries:
        slot = int.from_bytes(digest[:8], "little") % capacity
        while digests[slot * DIGEST_BYTES : (slot + 1) * DIGEST_BYTES] != _EMPTY:
            slot = (slot + 1) % capacity
        digests[slot * DIGEST_BYTES : (slot + 1) * DIGEST_BYTES] = digest
        untils.put(slot, until)
        tags.put(slot, tag)
    header = _HEADER.pack(_MAGIC, capacity, bool(untils.block), bool(tags.block))
    return b"".join((header, digests, untils.block, tags.block))


class _Column:
    """One number for each slot; takes no room before some slot has one that is not zero."""

    def __init__(self, form: str, capacity: int) -> None:
        self._number = struct.Struct(form)
        self._capacity: int = capacity
        self.block = bytearray()

    def put(self, slot: int, value: int) -> None:
        """Set the number of a slot; FOREVER and no tag are zero."""
        if value and not self.block:
            self.block = bytearray(self._number.size * self._capacity)
        if value:
            self._number.pack_into(self.block, slot * self._number.size, value)


def map_table(path: Path) -> Table:
    """Map a table's file; raises RuleError that names it."""
    try:
        with path.open("rb") as file:
            return Table(mmap(file.fileno(), 0, access=ACCESS_READ))
    except (OSError, ValueError, struct.error) as error:
        raise RuleError(f"{path} cannot be read ({error}); roll back, or import again") from None
