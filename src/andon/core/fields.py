"""A frozen value in a JSON column, with one codec."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute


class _Decoded(DeferredAttribute):
    """Decodes what was read when somebody asks for it, once.

    So a row whose column cannot be read is listed and mended like any other.
    """

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        found = super().__get__(instance, cls)
        if instance is None or not isinstance(found, dict):
            return found
        value = self.field.decode(found)  # type: ignore[attr-defined]
        instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class ValueField(models.JSONField):
    """Holds a frozen value; a subclass says how it is encoded and decoded."""

    descriptor_class = _Decoded
    encode: Callable[[Any], dict[str, Any]]
    decode: Callable[[dict[str, Any]], Any]

    def get_prep_value(self, value: Any) -> Any:
        """Return what is written: what is no value yet is written as it is."""
        return value if isinstance(value, dict) else self.encode(value)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Say that it is a JSON column: values and their codec are no matter of migrations."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, {**kwargs, "default": dict}
