"""Writes: people made by hand, faults of addresses, passwords, signing in, links, API keys."""

from andon.people.actions.contacts import clear_faults, lock_person, set_faults
from andon.people.actions.declared import (
    rename,
    restore,
    retire,
    write_contacts,
    write_members,
    write_people,
    write_teams,
)
from andon.people.actions.doors import (
    UnableToMakeLink,
    UnableToUseLink,
    UnknownLink,
    make_mailed_link,
    make_set_up_link,
    make_sign_in_link,
    set_up,
    use_sign_in_link,
)
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
from andon.people.actions.sign_in import (
    FAILED,
    HELD_BACK,
    SIGNED_IN,
    SIGNED_OUT,
    begin_sign_in,
    end_sign_in,
    forget,
    record_sign_in,
)

__all__ = [
    "FAILED",
    "HELD_BACK",
    "SIGNED_IN",
    "SIGNED_OUT",
    "UnableToCreatePerson",
    "UnableToMakeKey",
    "UnableToMakeLink",
    "UnableToSetPassword",
    "UnableToUseLink",
    "UnknownLink",
    "authenticate_api_key",
    "begin_sign_in",
    "clear_faults",
    "create_api_key",
    "create_person",
    "end_sign_in",
    "forget",
    "lock_person",
    "make_mailed_link",
    "make_set_up_link",
    "make_sign_in_link",
    "record_sign_in",
    "rename",
    "restore",
    "retire",
    "revoke_api_key",
    "set_faults",
    "set_password",
    "set_up",
    "use_sign_in_link",
    "write_contacts",
    "write_members",
    "write_people",
    "write_teams",
]
