"""A language model on Modal for lift: SGLang with XGrammar behind proxy authentication, asleep when idle.

`lift serve modal deploy` deploys this file, and so does `modal deploy` on it: it needs `modal` and nothing of
lift. Read from top to bottom, it is also the documentation of what is deployed.

    modal deploy modal_service.py                         the default model on one H100
    LIFT_SERVED=small modal deploy modal_service.py       a smaller one on one L4

Every version is pinned, so that what answers tomorrow is what answered today. `lift.serving.commands` reads
`APP`, `served` and `Service` of this file.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import modal

APP = "lift-model"
SGLANG = "0.5.23"
PORT = 8000
MINUTES = 60

# ## Which model
#
# Revisions are commits of the model's repository, so that a new upload changes nothing here.


@dataclass(frozen=True)
class Model:
    """A model with the machine that it needs.

    Attributes:
        name: Its repository, which is also the name that clients ask for.
        revision: A commit of that repository.
        gpu: What holds its weights, its cache and some room.
        context: Longest prompt with its answer, in tokens. lift's prompts are below 8,000.
        requests: How many requests one container answers at a time; more start another container.
    """

    name: str
    revision: str
    gpu: str
    context: int
    requests: int


MODELS = {
    "default": Model(
        name="Qwen/Qwen3-Coder-30B-A3B-Instruct",
        revision="b2cff646eb4bb1d68355c01b18ae02e7cf42d120",
        gpu="H100",
        context=32_768,
        requests=32,
    ),
    "small": Model(
        name="Qwen/Qwen2.5-Coder-7B-Instruct",
        revision="c03e6d358207e414f1eca0bb1891e29f1db0e242",
        gpu="L4",
        context=16_384,
        requests=16,
    ),
}


def served() -> str:
    """Which of ``MODELS`` is served: ``LIFT_SERVED`` while deploying, and what was deployed in the container.

    Raises:
        ValueError: There is no such model.
    """
    name = os.environ.get("LIFT_SERVED", "default")
    if name not in MODELS:
        raise ValueError(f"LIFT_SERVED={name!r} is none of {', '.join(MODELS)}")
    return name


MODEL = MODELS[served()]

# ## Where things lie
#
# The weights (61 GB of the default model) and every kernel that is compiled on the first start lie in one
# Volume: a container that starts later reads them instead. SGLang puts all its compilers' caches below
# SGLANG_CACHE_DIR.

CACHE = "/cache"
volume = modal.Volume.from_name("lift-model-cache", create_if_missing=True)
image = (
    modal.Image.from_registry("nvidia/cuda:13.0.2-devel-ubuntu24.04", add_python="3.12")
    .entrypoint([])
    .apt_install("libnuma1")
    .uv_pip_install(f"sglang=={SGLANG}")
    .env(
        {
            "HF_HOME": f"{CACHE}/huggingface",
            "HF_XET_HIGH_PERFORMANCE": "1",
            "SGLANG_CACHE_DIR": f"{CACHE}/sglang",
            "LIFT_SERVED": served(),
        }
    )
)

# ## What it may cost
#
# Nothing runs while nobody asks: five minutes after the last answer the container ends. One container at a
# time unless LIFT_SERVED_CONTAINERS says more, so that a mistake costs one GPU's hours and not a hundred's.

IDLE_SECONDS = 5 * MINUTES
MOST_CONTAINERS = int(os.environ.get("LIFT_SERVED_CONTAINERS", "1"))


def command(model: Model) -> list[str]:
    """SGLang's command line; ``tests/lift/serving`` holds it against SGLang's own parser."""
    return [
        "python",
        "-m",
        "sglang.launch_server",
        "--model-path",
        model.name,
        "--revision",
        model.revision,
        "--served-model-name",
        model.name,
        # Modal's proxy comes in from outside the container's loopback.
        "--host",
        "0.0.0.0",
        "--port",
        str(PORT),
        "--context-length",
        str(model.context),
        # Answers are held to a JSON Schema while they are written. Without spaces that mean nothing: a model
        # that may write them sometimes writes nothing else.
        "--grammar-backend",
        "xgrammar",
        "--constrained-json-disable-any-whitespace",
        # lift sends several requests with one prompt; the first ones pay for all of them.
        "--schedule-policy",
        "lpm",
        "--enable-cache-report",
        "--max-running-requests",
        str(model.requests),
        "--mem-fraction-static",
        "0.88",
        # What lets go of the GPU's memory before a snapshot, and takes it back after.
        "--enable-memory-saver",
        "--enable-weights-cpu-backup",
    ]


app = modal.App(APP)


@app.cls(
    image=image,
    gpu=MODEL.gpu,
    volumes={CACHE: volume},
    min_containers=0,
    max_containers=MOST_CONTAINERS,
    scaledown_window=IDLE_SECONDS,
    startup_timeout=30 * MINUTES,
    timeout=10 * MINUTES,
    # Later starts restore the server as it was after its warm-up, instead of loading and compiling again.
    enable_memory_snapshot=True,
    experimental_options={"enable_gpu_snapshot": True},
)
# Not measured on Modal yet. `python -m sglang.bench_serving` against the service gives the number of requests
# at which the time per token begins to grow; that is what `requests` should be.
@modal.concurrent(max_inputs=MODEL.requests, target_inputs=max(1, MODEL.requests * 3 // 4))
class Service:
    """SGLang as a web server."""

    @modal.enter(snap=True)
    def start(self) -> None:
        """Starts the server, waits until it answers, warms it up, and lets go of the GPU's memory."""
        self.process = subprocess.Popen(command(MODEL))
        wait_until_ready(self.process, f"http://127.0.0.1:{PORT}", 25 * MINUTES)
        warm_up(f"http://127.0.0.1:{PORT}")
        if not modal.is_local():
            volume.commit()
        ask(f"http://127.0.0.1:{PORT}/release_memory_occupation", {})

    @modal.enter(snap=False)
    def resume(self) -> None:
        """Takes the GPU's memory back after a snapshot."""
        ask(f"http://127.0.0.1:{PORT}/resume_memory_occupation", {})
        wait_until_ready(self.process, f"http://127.0.0.1:{PORT}", 5 * MINUTES)

    # Requests without `Modal-Key` and `Modal-Secret` never reach the container, and so cost nothing.
    @modal.web_server(port=PORT, startup_timeout=30 * MINUTES, requires_proxy_auth=True)
    def serve(self) -> None:
        """Lets requests in; the server is up already."""

    @modal.exit()
    def stop(self) -> None:
        """Ends the server."""
        self.process.terminate()


# ## Health and warm-up
#
# With the standard library alone, so that these run, and are tested, anywhere.


def wait_until_ready(process: subprocess.Popen[Any], url: str, seconds: float, pause: float = 1.0) -> None:
    """Waits until the server has answered a request of its own making.

    Raises:
        RuntimeError: The server ended.
        TimeoutError: It did not answer within ``seconds``.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status = process.poll()
        if status is not None:
            raise RuntimeError(f"SGLang ended with status {status} before it was ready; its log says why")
        try:
            # /health answers while the model still loads; this one has the model write a token.
            with urllib.request.urlopen(f"{url}/health_generate", timeout=30):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(pause)
    raise TimeoutError(f"SGLang was not ready within {seconds:g} s")


def warm_up(url: str) -> None:
    """Has the server compile what answers need: a plain one and one that is held to a schema."""
    schema = {
        "type": "object",
        "properties": {"body": {"type": "string"}},
        "required": ["body"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "warm_up", "schema": schema, "strict": True}}
    asked: dict[str, Any] = {
        "model": MODEL.name,
        "messages": [{"role": "user", "content": "Write the body of a function that returns 1."}],
        "max_tokens": 32,
    }
    ask(f"{url}/v1/chat/completions", asked)
    ask(f"{url}/v1/chat/completions", asked | {"response_format": form})


def ask(url: str, body: dict[str, Any]) -> bytes:
    """Posts JSON.

    Raises:
        OSError: There is no answer, or one with an error's status.
    """
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=5 * MINUTES) as answer:
        return answer.read()
