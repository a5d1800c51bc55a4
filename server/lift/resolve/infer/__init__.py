"""A specification for a function that has none or a partial one, each clause of it proved.

Nothing here edits by itself or decides what is proved: ``lift.verify.check`` is the only judge.
"""

ENTRY = "lift.resolve.infer.search:task"
"""What a worker calls."""

SECONDS = 20.0
"""Wall-clock budget for one function."""
