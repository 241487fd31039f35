"""Writes: people made by hand, their passwords, API keys."""

from andon.people.actions.keys import (
    UnableToMakeKey,
    authenticate_api_key,
    create_api_key,
    revoke_api_key,
)
from andon.people.actions.people import (
    UnableToCreatePerson,
    UnableToSetPassword,
    create_person,
    set_password,
)

__all__ = [
    "UnableToCreatePerson",
    "UnableToMakeKey",
    "UnableToSetPassword",
    "authenticate_api_key",
    "create_api_key",
    "create_person",
    "revoke_api_key",
    "set_password",
]
