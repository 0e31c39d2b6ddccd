"""Write and read the containers that are not built in, such as a deque, and the views of a dict."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from shoshin.classroom.codec.plain import pairs, read_pairs
from shoshin.classroom.codec.walk import Decoders, Encoders, Odd, Reader, Writer, fields, refuse_alike

FACTORIES = {kind.__name__: kind for kind in (int, float, str, list, dict, set, tuple)}  # of a defaultdict
DICTS: tuple[dict[Any, Any], ...] = ({}, OrderedDict())  # each has views of its own


def encoders() -> Encoders:
    return ENCODERS


def _defaultdict(value: defaultdict[Any, Any], write: Writer) -> list[Any]:
    """Return [name of the factory, keys, values]; a factory of the student's own stays behind."""
    name = next((name for name, kind in FACTORIES.items() if kind is value.default_factory), None)
    return [name, *pairs(value, write)]


def _read_defaultdict(payload: Any, read: Reader) -> defaultdict[Any, Any]:
    name, keys, values = fields(payload, object, list, list)
    if name is not None and (type(name) is not str or name not in FACTORIES):
        raise Odd("a defaultdict has an odd factory")
    return defaultdict(None if name is None else FACTORIES[name], read_pairs([keys, values], read))


def _read_counter(payload: Any, read: Reader) -> Counter[Any]:
    counter: Counter[Any] = Counter()
    dict.update(counter, read_pairs(payload, read))  # whatever it counts with
    return counter


def _deque(value: deque[Any], write: Writer) -> list[Any]:
    return [value.maxlen, write.items(list(value))]


def _read_deque(payload: Any, read: Reader) -> deque[Any]:
    most, nodes = fields(payload, object, list)
    if most is not None and (type(most) is not int or not len(nodes) <= most < 2**63):
        raise Odd("a deque is longer than it may be")
    return deque(read.items(nodes), most)


def _read_keys(payload: Any, read: Reader) -> Any:
    keys = read.items(payload)
    found = _mapping(keys, [None] * len(keys))
    return keys if found is None else found.keys()


def _read_items(payload: Any, read: Reader) -> Any:
    key_nodes, value_nodes = fields(payload, list, list)
    keys, values = read.items(key_nodes), read.items(value_nodes)
    found = _mapping(keys, values)
    return list(zip(keys, values, strict=True)) if found is None else found.items()


def _mapping(keys: list[Any], values: list[Any]) -> dict[Any, Any] | None:
    """Return a dict to be viewed; None if objects among its keys arrived as what cannot be one, or as equals."""
    try:
        refuse_alike(keys)
        found = dict(zip(keys, values, strict=True))
    except TypeError:
        return None
    return found if len(found) == len(keys) else None


def _items(value: Any, write: Writer) -> list[Any]:
    both = list(value)
    return [write.items([key for key, _ in both]), write.items([item for _, item in both])]


def _list(value: Any, write: Writer) -> list[Any]:
    return write.items(list(value))


def _views(view: Callable[[dict[Any, Any]], Any], tag: str, encode: Callable[[Any, Writer], Any]) -> Encoders:
    return {type(view(each)): (tag, encode) for each in DICTS}


ENCODERS: Encoders = {
    defaultdict: ("defaultdict", _defaultdict),
    OrderedDict: ("ordered dict", pairs),
    Counter: ("counter", pairs),
    deque: ("deque", _deque),
    **_views(lambda each: each.keys(), "keys", _list),
    **_views(lambda each: each.values(), "values", _list),
    **_views(lambda each: each.items(), "items", _items),
}

DECODERS: Decoders = {
    "defaultdict": (8, _read_defaultdict),
    "ordered dict": (16, lambda payload, read: OrderedDict(read_pairs(payload, read))),
    "counter": (8, _read_counter),
    "deque": (16, _read_deque),
    "keys": (16, _read_keys),
    "values": (16, lambda payload, read: dict(enumerate(read.items(payload))).values()),
    "items": (16, _read_items),
}
