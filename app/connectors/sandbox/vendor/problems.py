"""How the vendor says no: a status, a code and a description, the codes being those of Microsoft's Partner Center.

Only answers; which rule leads to which is said where the rule is.
"""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """An answer that is not a success. `status` is HTTP's, `code` and `description` go into the body."""

    def __init__(self, status: int, code: str, description: str, **data: Any) -> None:
        super().__init__(status, code, description)
        self.status = status
        self.code = code
        self.description = description
        self.data = data

    def body(self) -> dict[str, Any]:
        """The error body: `{code, description, data}`."""
        return {"code": self.code, "description": self.description, "data": self.data}


def invalid(field: str, what: str) -> Problem:
    """The request's content cannot be read; `field` says where."""
    return Problem(400, "10010", f"InvalidInput: {field} {what}.", field=field)


def unauthorized() -> Problem:
    """No token, or one the vendor does not know."""
    return Problem(401, "unauthorized", "The bearer token is missing or not known.")


def not_found(what: str) -> Problem:
    """There is no such address."""
    return Problem(404, "not_found", f"There is no {what} here.")
