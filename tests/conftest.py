"""Settings for all tests: property tests have no deadline and, in CI, no luck.

A deadline would time a busy machine, and a failure that appears once in CI and never again helps nobody;
locally Hypothesis keeps looking for new inputs.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
