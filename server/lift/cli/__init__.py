"""The command line: the only part of lift that prints."""
