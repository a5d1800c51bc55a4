"""A specification for a function that has none or a partial one, each clause of it proved.

Nothing here edits by itself or decides what is proved: ``lift.verify.check`` is the only judge.
"""
