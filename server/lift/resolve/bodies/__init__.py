"""Bodies written without a model: a solver's answer or a filled template, each proved before it is named.

``find`` runs in a worker process, as a task of the pool; everything else here serves it. Nothing here
decides what is proved: ``lift.verify.check`` is the only judge.
"""

ENTRY = "lift.resolve.bodies.search:find"
"""What a worker calls; see ``lift.verify.pool.Task``."""

SECONDS = 20.0
"""Wall-clock budget for one function."""
