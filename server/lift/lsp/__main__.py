"""``python -m lift.lsp`` starts the language server."""

from lift.lsp.main import main

main()
