"""Bodies from templates of common shapes, with the holes solved for from types, clauses and examples.

``candidates`` makes them, ``search.found`` tries and proves them. A template is a shape, such as "the
elements that meet a condition"; what stands in it is looked for among expressions of growing size, made
of the parameters, the constants, the operators and the sub-expressions of the specification.
"""

from lift.resolve.bodies.templates.candidates import candidates

__all__ = ["candidates"]
