"""The order of instances: a dataclass that asks for one is compared as the tuple of its fields."""

from __future__ import annotations

from lift.verify.state import Engine, InstanceObject
from lift.verify.values import Seq, Unsupported, concrete_seq


def ordered_fields(engine: Engine, symbol: str, a: InstanceObject, b: InstanceObject) -> tuple[Seq, Seq]:
    """What is compared in the place of two instances.

    Raises:
        Unsupported: Instances without an order, or of two classes.
    """
    info = engine.program.class_info(a.class_name)
    names = [n for n, _ in info.fields]
    left, right = dict(a.fields), dict(b.fields)
    if a.class_name != b.class_name or not info.order or not left.keys() == right.keys() == set(names):
        raise Unsupported(f"`{symbol}` between a {a.class_name} and a {b.class_name}")
    return concrete_seq([left[n] for n in names]), concrete_seq([right[n] for n in names])
