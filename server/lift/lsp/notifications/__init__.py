"""The client's notifications, one file each: convert, do one thing, answer nothing."""

from collections.abc import Callable
from typing import Any

from lift.lsp.notifications import (
    did_change,
    did_change_configuration,
    did_change_trust,
    did_change_watched_files,
    did_change_workspace_folders,
    did_close,
    did_open,
    did_save,
    initialized,
    progress_cancel,
    set_trace,
)

_MODULES = (
    did_change,
    did_change_configuration,
    did_change_trust,
    did_change_watched_files,
    did_change_workspace_folders,
    did_close,
    did_open,
    did_save,
    initialized,
    progress_cancel,
    set_trace,
)

HANDLERS: dict[str, Callable[[Any, Any], None]] = {module.METHOD: module.handle for module in _MODULES}

# Read leniently: a client that sends a version of null, or params with a field that nobody knows, must not
# end up with another text on our side.
RAW: frozenset[str] = frozenset(HANDLERS)
