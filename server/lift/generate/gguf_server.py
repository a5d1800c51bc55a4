"""The process that holds a GGUF model: llama.cpp's own server on loopback, by xllamacpp.

Started by ``lift.generate.local``, which writes one JSON line of options and reads one with the address. A
process of its own, since a model cannot be interrupted and takes everything with it when it crashes. Ends
when its standard input does, so that it never outlives who started it. Must not import anything of lift.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any


def main() -> None:
    """Serves until standard input ends."""
    options = json.loads(sys.stdin.readline())
    # llama.cpp writes to standard output what it thinks worth knowing; the answer goes out beside that.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # An extension module, without types to be checked against.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = options["file"]
    params.model_alias = {options["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [options["key"]]
    params.n_ctx = options["context"]
    # One after the other: two at a time on the same processors take more than twice as long.
    params.n_parallel = 1
    params.cpuparams.n_threads = options["threads"]
    params.cpuparams_batch.n_threads = options["threads"]
    try:
        server = xllamacpp.Server(params)
    except Exception as error:
        print(json.dumps({"problem": str(error)}), file=answers, flush=True)
        return
    print(json.dumps({"address": server.listening_address}), file=answers, flush=True)
    sys.stdin.read()
    # The model's threads have nothing to save, and waiting for them would take seconds.
    os._exit(0)


if __name__ == "__main__":
    main()
