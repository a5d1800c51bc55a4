"""Specifications enforced while a program runs, by the same judge that decides about counterexamples.

Needs no solver and starts no process. Must not import anything of the editor or the command line.
"""
