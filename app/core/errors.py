"""The ways in which an action or query can say no. Doors translate them: each class names its HTTP status once."""

from collections.abc import Mapping


class AwningError(Exception):
    """Base of everything a person may be told. `message` is a sentence for people."""

    status = 500

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class BadRequest(AwningError):
    """The request itself is malformed: an unknown field, a doubled parameter, a broken Host."""

    status = 400


class Invalid(AwningError):
    """What was typed cannot be taken. `errors` maps a field's name to the sentence shown beside it."""

    status = 422

    def __init__(self, errors: Mapping[str, str] | str):
        self.errors = {"": errors} if isinstance(errors, str) else dict(errors)
        super().__init__("; ".join(self.errors.values()))


class NotFound(AwningError):
    """There is no such thing, or it is not yours: the two are never told apart (promise P14)."""

    status = 404

    def __init__(self, message: str = "There is nothing here."):
        super().__init__(message)


class Forbidden(AwningError):
    """The person is known and the thing is theirs to see, but not theirs to do."""

    status = 403


class Conflict(AwningError):
    """Somebody or something was faster, or the thing is no longer in a state that allows this."""

    status = 409


class TooMany(AwningError):
    """Slow down. `retry_after` is in whole seconds."""

    status = 429

    def __init__(self, message: str, retry_after: int):
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(AwningError):
    """Something outside does not answer; trying again later is safe."""

    status = 503
