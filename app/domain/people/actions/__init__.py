"""What happens to people: `people.sign_in(…)`, `people.invite(…)`. Each is called inside a unit and commits nothing."""

from app.domain.people.actions.access import (
    INVITATION,
    PASSWORD,
    ask_for_new_password,
    check_link,
    follow_link,
    mint_link,
)
from app.domain.people.actions.delegations import delegate, end_delegation
from app.domain.people.actions.own import change_password, edit_profile
from app.domain.people.actions.sessions import end_sessions
from app.domain.people.actions.signing_in import Attempt, sign_in, sign_out
from app.domain.people.actions.staffing import (
    change_roles,
    deactivate,
    invite_colleague,
    invite_contact,
    reactivate,
    resend_invitation,
)
from app.domain.people.actions.viewing import check_viewing_pass, make_viewing_pass, take_viewing_pass

__all__ = [
    "INVITATION",
    "PASSWORD",
    "Attempt",
    "ask_for_new_password",
    "change_password",
    "change_roles",
    "check_link",
    "check_viewing_pass",
    "deactivate",
    "delegate",
    "edit_profile",
    "end_delegation",
    "end_sessions",
    "follow_link",
    "invite_colleague",
    "invite_contact",
    "make_viewing_pass",
    "mint_link",
    "reactivate",
    "resend_invitation",
    "sign_in",
    "sign_out",
    "take_viewing_pass",
]
