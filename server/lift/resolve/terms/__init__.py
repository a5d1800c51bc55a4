"""What an open term may be: constants and expressions in scope that a specification can be met and kept with.

Runs rule out, the solver compares and finds the last integer that still does, and what is offered as proved
was proved by ``lift.verify.check`` on the very text that would be written.
"""
