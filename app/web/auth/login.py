"""Flask-Login, kept in step with our own sessions: whose session it is stands in its row, never in what it holds."""

from flask import Request, g, session
from flask.blueprints import BlueprintSetupState
from flask_login import LoginManager, UserMixin, login_user, logout_user

from app.domain.people.models import Person
from app.web.auth import devices

login_manager = LoginManager()
# a session is bound to host, tenant and person by its row; an address or a browser's name may change on the way
login_manager.session_protection = None


class SignedIn(UserMixin):
    """The person of this request as Flask-Login knows them: `current_user.person`."""

    def __init__(self, person: Person):
        self.person = person

    def get_id(self) -> str:
        return str(self.person.id)

    @property
    def is_active(self) -> bool:
        return self.person.is_active


@login_manager.user_loader
def _load(user_id: str) -> SignedIn | None:
    person = g.arrival.person
    return SignedIn(person) if person is not None and str(person.id) == user_id else None


@login_manager.request_loader
def _recognise(_: Request) -> SignedIn | None:
    person = g.arrival.person
    return SignedIn(person) if person is not None else None


def install(state: BlueprintSetupState) -> None:
    """Plugs Flask-Login into the application."""
    login_manager.init_app(state.app)


def begin_session(person: Person) -> None:
    """From the next request on this browser is `person`'s, under a new token, and it is remembered as theirs."""
    session.belong_to(person)  # type: ignore[attr-defined]
    login_user(SignedIn(person))
    devices.remember(person)


def end_session() -> None:
    """This browser is nobody's any more."""
    logout_user()
    session.end()  # type: ignore[attr-defined]
