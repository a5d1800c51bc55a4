"""Reads a command line with SGLang's own parser, and prints as JSON what it understood.

    python sglang_parser.py FOLDER ARGUMENT...

FOLDER is what ``tools/sglang_parser.sh`` prints. The modules that declare the options are SGLang's own; all
that they import beside that (torch, and SGLang's engine) is replaced by stand-ins, since an option's name,
type and choices do not depend on it. Exits with argparse's 2 for a command line that SGLang would refuse.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import json
import sys
import types
from collections.abc import Iterator
from typing import Any

_REAL = (
    "sglang.srt.arg_groups",
    "sglang.srt.server_args",
    "sglang.srt.environ",
    "sglang.srt.parser.reasoning_parser_names",
    "sglang.srt.function_call.parser_names",
)
_PACKAGES = ("sglang", "sglang.srt", "sglang.srt.parser", "sglang.srt.function_call")


class _Base:
    """What a class inherits from in place of a class that is not there."""


class _Nothing:
    """A value that lets itself be used while modules are defined, and means nothing."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        pass

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        # A decorator gives back what it decorates.
        return arguments[0] if len(arguments) == 1 and callable(arguments[0]) and not options else _Nothing()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        return (_Base,)

    def __getitem__(self, key: object) -> _Nothing:
        return _Nothing()

    def __or__(self, other: object) -> _Nothing:
        return _Nothing()

    __ror__ = __or__

    def __add__(self, other: object) -> Any:
        # Choices are lists, of which a part may come from a module that is not there.
        return other if isinstance(other, list) else _Nothing()

    __radd__ = __add__


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: object, target: object = None) -> Any:
        top = name.partition(".")[0]
        if (
            name.startswith(_REAL)
            or top in ("msgspec", "typing_extensions")
            or top in sys.stdlib_module_names
        ):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def main() -> None:
    folder, arguments = sys.argv[1], sys.argv[2:]
    for name in _PACKAGES:
        package = types.ModuleType(name)
        package.__path__ = [f"{folder}/{name.replace('.', '/')}"]
        sys.modules[name] = package
    sys.meta_path.insert(0, _StandIns())
    from sglang.srt.server_args import ServerArgs  # type: ignore[import-not-found]

    parser = argparse.ArgumentParser(prog="sglang")
    ServerArgs.add_cli_args(parser)
    given = {word.lstrip("-").replace("-", "_") for word in arguments if word.startswith("--")}
    understood = vars(parser.parse_args(arguments))
    print(json.dumps({name: understood[name] for name in sorted(given & understood.keys())}, default=str))


if __name__ == "__main__":
    main()
