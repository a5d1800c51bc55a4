"""Extraction: source code → IR with everything that it specifies, leniently and incrementally."""

from lift.extract.extraction import Extraction, ParseError, extract

__all__ = ["Extraction", "ParseError", "extract"]
