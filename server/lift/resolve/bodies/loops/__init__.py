"""Bodies that are ``while`` loops: counted up to a condition, halved, walked from both ends, merged.

The shapes are fixed, what stands in them comes from the specification: its conditions with the loop's own
variable in the place of the result, its constants, the parameters. ``search.found`` tries and proves them.
"""
