"""Text and places in it: reading files, digests, positions. Imports nothing above ``lift_ir``."""

from lift.source.positions import LineIndex
from lift.source.text import LIMIT_BYTES, Snapshot, digest, read

__all__ = ["LIMIT_BYTES", "LineIndex", "Snapshot", "digest", "read"]
