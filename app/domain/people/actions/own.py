"""What people change about themselves: name, language, password."""

from app.core import events
from app.core.actor import Actor
from app.core.errors import Invalid
from app.domain.people import budgets, passwords, queries
from app.domain.people.actions.access import set_password
from app.domain.people.models import Person
from app.domain.people.rules.passwords import problem_with


def edit_profile(*, name: str, locale: str, by: Actor) -> Person:
    """Takes a new name and language for oneself. Roles and e-mail are others' to change."""
    person = _oneself(by)
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": "Say what others should call you."})
    changed = {}
    for field, value in (("name", name), ("locale", locale)):
        if getattr(person, field) != value:
            changed[field] = value
            setattr(person, field, value)
    if changed:
        events.record("person.edited", person, by, {"fields": sorted(changed)})
    return person


def change_password(present: str, new: str, *, keep_session: bytes | None, by: Actor) -> Person:
    """Sets a new password after the present one was proved; every other session of the person ends.

    Raises Invalid beside the field concerned, TooMany after too many wrong guesses.
    """
    person = _oneself(by)
    key = budgets.key_of(budgets.PASSWORD_CHANGE, str(person.id))
    budgets.spend_or_refuse(budgets.PASSWORD_CHANGE, str(person.id))
    if not passwords.matches(present, person.password_hash):
        raise Invalid({"present": "This is not your present password."})
    problem = problem_with(new, email=person.email, name=person.name)
    if problem:
        raise Invalid({"password": problem})
    budgets.forget(key)
    set_password(person, new, keep_session=keep_session)
    events.record("person.password_changed", person, by)
    return person


def _oneself(by: Actor) -> Person:
    if by.person_id is None:
        raise ValueError("the system has no profile")
    return queries.person(by.person_id)
