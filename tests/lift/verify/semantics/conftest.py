"""Makes the harness and the strategies of this folder importable, and bounds each property's examples."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
