"""Compiles schemas with XGrammar and feeds texts to its matcher token by token, one JSON request a line.

    python xgrammar_child.py FOLDER

FOLDER is what ``tools/xgrammar.sh`` prints. The compiler and the matcher are XGrammar's own C++. What its
package imports beside them (torch, transformers, numpy: for masks of logits on a GPU and for reading
Hugging Face's tokenizers) is replaced by stand-ins, none of which is called here. In a process of its own, so
that the stand-ins are nobody else's.

A request is ``{"schema", "any_whitespace", "texts"}``; the reply is a list with, for each text, how many of
its bytes were taken, and whether the answer could end there.
"""

from __future__ import annotations

import json
import sys
import types
from typing import Any

_STANDING_IN = ("torch", "torch.utils", "torch.utils.cpp_extension", "transformers", "numpy", "numpy.typing")
_PIECES = (
    *(
        '{"',
        '": "',
        '": ["',
        '", "',
        '"}',
        '"], "',
        "[]",
        "[{",
        "}]",
        "\\n",
        "\\n    ",
        "    ",
        "return ",
        "result",
    ),
    *("for ", " in ", "import ", "ensures", "requires", "none", "network", "é", "\\u00e9", "xx", "xxxx"),
)
"""Tokens of several characters, cutting across the grammar's borders as those of real vocabularies do."""


class _StandIn(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": lambda self, *arguments, **options: None})


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    # Looks for torch itself, and is content without it; a stand-in would mislead it.
    import tvm_ffi  # type: ignore[import-not-found]  # noqa: F401

    for name in _STANDING_IN:
        sys.modules[name] = _StandIn(name)
    import xgrammar  # type: ignore[import-not-found]

    pieces = sorted({p.encode() for p in _PIECES}, key=len, reverse=True)
    vocabulary = [*(bytes([b]) for b in range(256)), *pieces, b"<end>"]
    end = len(vocabulary) - 1
    tokenizer = xgrammar.TokenizerInfo(vocabulary, xgrammar.VocabType.RAW, stop_token_ids=[end])
    compiler = xgrammar.GrammarCompiler(tokenizer)

    def tokens(text: bytes) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(text):
            piece = next((p for p in pieces if text.startswith(p, at)), None)
            found.append(text[at] if piece is None else 256 + pieces.index(piece))
            at += 1 if piece is None else len(piece)
        return found

    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        grammar = compiler.compile_json_schema(
            json.dumps(request["schema"]), any_whitespace=request["any_whitespace"]
        )
        replies: list[tuple[int, bool]] = []
        for text in request["texts"]:
            matcher = xgrammar.GrammarMatcher(grammar)
            taken = 0
            for token in tokens(text.encode()):
                if not matcher.accept_token(token):
                    break
                taken += len(vocabulary[token])
            ended = taken == len(text.encode()) and matcher.accept_token(end)
            replies.append((taken, ended))
        print(json.dumps(replies), flush=True)


if __name__ == "__main__":
    main()
