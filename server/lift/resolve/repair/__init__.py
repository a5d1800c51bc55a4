"""Repairs of what was refuted: each is tried on a copy of the text, and offered only if the proof succeeds.

``find`` runs in a worker process, as a task of the pool; everything else here serves it.
"""

ENTRY = "lift.resolve.repair.search:find"
"""What a worker calls; see ``lift.verify.pool.Task``."""
