"""lift: specifications, typed holes and proofs for Python code."""

__version__ = "0.1.0"

__all__ = ["__version__"]
