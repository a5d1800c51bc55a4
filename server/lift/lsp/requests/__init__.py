"""The client's requests, one file each: convert, call one function of ``lift.ide``, convert back."""

from collections.abc import Callable
from typing import Any

from lift.lsp.requests import (
    code_action,
    code_action_resolve,
    code_lens,
    diagnostic,
    document_symbol,
    execute_command,
    generate,
    hover,
    inlay_hint,
    ir,
    resolve,
    shutdown,
    status,
    verify,
)

_MODULES = (
    code_action,
    code_action_resolve,
    code_lens,
    diagnostic,
    document_symbol,
    execute_command,
    generate,
    hover,
    inlay_hint,
    ir,
    resolve,
    shutdown,
    status,
    verify,
)

HANDLERS: dict[str, Callable[[Any, Any], Any]] = {module.METHOD: module.handle for module in _MODULES}

# lift's own requests, whose params ``lift.lsp.params`` validates.
RAW: frozenset[str] = frozenset(method for method in HANDLERS if method.startswith("lift/")) | {"shutdown"}
