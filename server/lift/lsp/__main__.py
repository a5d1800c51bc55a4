"""``python -m lift.lsp``: the language server, for clients that know an interpreter and not its scripts."""

from lift.lsp.main import main

if __name__ == "__main__":
    main()
