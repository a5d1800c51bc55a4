"""The command ``lift-lsp``: flags, the connection, and an answer to ``initialize`` before the rest is loaded.

Standard library only at import; the session, with pygls behind it, is imported while the client already reads
the server's capabilities.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

from lift import __version__
from lift.lsp import logs
from lift.lsp.greeting import Client, read_client, reply
from lift.lsp.inbox import Inbox, MessageId
from lift.lsp.pipes import Lossy, fill_descriptors
from lift.lsp.transport import Output, Pipe, read_forever, socket_pipe, standard_pipe, watch_process

# Long enough for a session that is still importing on a busy machine to answer what came before `exit`.
_GRACE_SECONDS = 10.0


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Runs the language server until its client is gone; never returns."""
    options = _parser().parse_args(argv)
    fill_descriptors()
    # Whatever is written to standard error, by whomever, must not wait for a client that does not read it.
    sys.stderr = Lossy(2)
    try:
        logs.set_up(options.log_level, options.log_format, options.log_file)
    except OSError as error:
        sys.stderr.write(
            f"lift-lsp: cannot write the log {options.log_file}: {error.strerror or error};"
            " choose another --log-file\n"
        )
        raise SystemExit(2) from None
    if options.log_level != "debug":
        # pygls logs every message with its content, which is nobody's business outside of debugging.
        logging.getLogger("pygls").setLevel(logging.CRITICAL)
    if options.tcp:
        pipe = socket_pipe(_accepted(options.host, options.port))
    else:
        _refuse_terminal()
        pipe = standard_pipe()
    _Connection(pipe).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lift-lsp",
        description="lift's language server. Editors start it; it speaks LSP over its input and output.",
    )
    parser.add_argument("--version", action="version", version=f"lift-lsp {__version__}")
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--stdio", action="store_true", help="speak over standard input and output (the default)"
    )
    way.add_argument("--tcp", action="store_true", help="wait for one client on a TCP port")
    parser.add_argument("--host", default="127.0.0.1", help="address for --tcp (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=2087, help="port for --tcp, 0 for any (default: %(default)s)"
    )
    parser.add_argument(
        "--log-level", choices=logs.LEVELS, default="warning", help="what is logged (default: %(default)s)"
    )
    parser.add_argument("--log-file", metavar="FILE", help="log there, and not to standard error")
    parser.add_argument(
        "--log-format", choices=logs.FORMATS, default="text", help="how a record is written (%(default)s)"
    )
    # Editors that are written for Node servers add this flag by themselves.
    parser.add_argument("--clientProcessId", type=int, default=None, help=argparse.SUPPRESS)
    return parser


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return port


def _refuse_terminal() -> None:
    with contextlib.suppress(OSError, ValueError):
        if os.isatty(0):
            sys.stderr.write(
                "lift-lsp speaks the Language Server Protocol with an editor; nothing will happen here.\n"
                "Set it up in your editor (see docs/how-to/editors.md), or run `lift check` instead.\n"
            )


def _accepted(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        sys.stderr.write(
            f"lift-lsp: cannot listen on {host}:{port}: {error.strerror or error}; choose another --port\n"
        )
        raise SystemExit(2) from None
    with listener:
        sys.stderr.write(f"lift-lsp listens on {host}:{listener.getsockname()[1]}\n")
        sys.stderr.flush()
        connection, _ = listener.accept()
    return connection


class _Connection:
    """One client: the threads that read from it and watch it, and the session that serves it."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._output = Output(pipe, self._gone)
        self._inbox = Inbox(self._initialize, self._gone)
        self._client = Client()
        self._leaving = threading.Event()

    def run(self) -> NoReturn:
        threading.Thread(
            target=read_forever,
            args=(self._pipe, self._inbox.take, self._gone),
            name="lift-reader",
            daemon=True,
        ).start()
        code = 1
        try:
            from lift.lsp.session import serve

            code = serve(self._inbox, self._output)
        except KeyboardInterrupt:
            pass
        except Exception:
            logging.getLogger(__name__).critical("The server could not go on", exc_info=True)
        finally:
            # A thread that is busy elsewhere must not keep the process alive after its client is gone.
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.flush()
            os._exit(code)

    def _initialize(self, request: MessageId, params: object) -> None:
        client = read_client(params)
        if client.process_id is not None:
            watch_process(client.process_id, self._gone)
        self._output.send({"id": request, "result": reply(client)})

    def _gone(self) -> None:
        """The client is gone: the session is told, and a session that does not listen is ended."""
        if self._leaving.is_set():
            return
        self._leaving.set()
        self._inbox.leave()
        timer = threading.Timer(_GRACE_SECONDS, os._exit, [self._inbox.exit_code])
        timer.daemon = True
        timer.start()


if __name__ == "__main__":
    main()
