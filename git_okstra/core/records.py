"""Records: classes of named fields, as `dataclasses` has them, for the modules that `list` and `status` load.

To a type checker `dataclass`, `field` and `replace` are those of dataclasses, and what is written with them can be
taken back there by changing one import. To Python they are the small part of it that we use, in a tenth of the time:
importing dataclasses (it needs inspect) and having it make the classes cost more than all that `list` does with them.

What dataclasses itself does with such an object (`replace`, `asdict`, `fields`) works too: it is told of the fields
when it asks for them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    _NOTHING = object()

    class field:  # noqa: N801 (the name that dataclasses gives it)
        """How a field is other than plain: the function that makes its default, whether it counts in == and repr()."""

        __slots__ = ("compare", "default", "default_factory", "repr")

        def __init__(self, *, default=_NOTHING, default_factory=_NOTHING, compare=True, repr=True):  # noqa: A002
            self.default = default
            self.default_factory = default_factory
            self.compare = compare
            self.repr = repr

    def dataclass(*, frozen=False, slots=True):
        """Make the annotated names of a class, which inherits from none, its slots, in their order."""
        assert slots

        def made(cls):
            own = dict(cls.__dict__)
            fields = {}
            for name in cls.__annotations__:
                given = own.pop(name, _NOTHING)
                fields[name] = given if isinstance(given, field) else field(default=given)
            for name in ("__dict__", "__weakref__"):
                own.pop(name, None)
            compared = tuple(name for name, each in fields.items() if each.compare)
            own |= {
                "__slots__": tuple(fields),
                "__match_args__": tuple(fields),
                "__dataclass_fields__": _Fields(fields),
                "__init__": _initialiser(fields, "__post_init__" in own, frozen),
                "__eq__": _equality(compared),
                "__hash__": (lambda self: hash(tuple([getattr(self, name) for name in compared]))) if frozen else None,
                "__repr__": _shown,
            }
            if frozen:
                own |= {"__setattr__": _refuse, "__delattr__": _refuse}
            own["__qualname__"] = cls.__qualname__
            return type(cls)(cls.__name__, cls.__bases__, own)

        return made

    def replace(record, **changes):
        """A record like this one but for the fields named."""
        for name in record.__slots__:
            if name not in changes:
                changes[name] = getattr(record, name)
        return type(record)(**changes)

    def _initialiser(fields, then, frozen):
        """The `__init__` of these fields, as source: no loop over them is as fast as what one would have typed."""
        known = {"_set": object.__setattr__, "_nothing": _NOTHING}
        parameters, lines = ["self"], []
        for name, each in fields.items():
            value = name
            if each.default_factory is not _NOTHING:
                known[f"_make_{name}"] = each.default_factory
                parameters.append(f"{name}=_nothing")
                value = f"_make_{name}() if {name} is _nothing else {name}"
            elif each.default is not _NOTHING:
                known[f"_default_{name}"] = each.default
                parameters.append(f"{name}=_default_{name}")
            else:
                parameters.append(name)
            lines.append(f" _set(self, '{name}', {value})" if frozen else f" self.{name} = {value}")
        if then:
            lines.append(" self.__post_init__()")
        exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines), known)
        return known["__init__"]

    def _equality(compared):
        def __eq__(self, other):  # noqa: N807 (it becomes the method)
            if other.__class__ is not self.__class__:
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in compared)

        return __eq__

    def _shown(self):
        told = self.__class__.__dict__["__dataclass_fields__"]
        shown = (name for name in self.__slots__ if told[name].repr)
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def _refuse(self, name, *_):
        raise AttributeError(f"cannot assign to field {name!r}")

    class _Fields(dict):
        """The fields, which turn into those of dataclasses once that asks."""

        def __get__(self, instance, owner):
            import dataclasses

            rows = []
            for name, each in self.items():
                given = {
                    word: getattr(each, word)
                    for word in ("default", "default_factory")
                    if getattr(each, word) is not _NOTHING
                }
                kind = owner.__annotations__[name]
                rows.append((name, kind, dataclasses.field(**given, compare=each.compare, repr=each.repr)))
            found = dataclasses.make_dataclass(owner.__name__, rows).__dataclass_fields__
            owner.__dataclass_fields__ = found
            return found
