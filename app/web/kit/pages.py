"""What a view gives back: a whole page, or a 303 to one. Also the pages about what went wrong."""

from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from app.core import unit
from app.core.errors import AwningError, TooMany, Unavailable
from app.core.language import mark
from app.web.kit.area import SHOP
from app.web.kit.language import said
from app.web.kit.themes import render_page

TITLES = {
    400: mark("This request cannot be understood"),
    401: mark("Please sign in"),
    403: mark("Not allowed"),
    404: mark("Nothing here"),
    405: mark("Nothing here"),
    409: mark("Somebody was faster"),
    413: mark("Too large"),
    422: mark("This cannot be taken as it is"),
    429: mark("Slow down a little"),
    500: mark("Something broke on our side"),
    503: mark("Not available just now"),
}
SENTENCES = {
    400: mark("The form or address was not one of ours. Go back and try once more."),
    404: mark("There is nothing at this address, or it is not yours to see."),
    405: mark("There is nothing at this address, or it is not yours to see."),
    413: mark("What you sent is larger than we take here."),
    500: mark("It was noted. Nothing you did is half done; try again in a moment."),
    503: mark("Awning cannot reach its database. Nothing you did is half done; try again in a moment."),
}
RETRY_SECONDS = 5
"""After which to come back to a page that found no database; one that starts anew takes a second or two."""


def page(template: str, status: int = 200, /, **context: Any) -> ResponseReturnValue:
    """The whole page `template` with `status`."""
    return render_page(template, **context), status


def form_page(template: str, form: Any, /, **context: Any) -> ResponseReturnValue:
    """A page with a form: 422 when the form carries errors, else 200. The same page either way."""
    return page(template, 422 if form.has_errors else 200, form=form, **context)


def see_other(endpoint: str, **values: Any) -> Response:
    """303 to `endpoint`: what a POST answers."""
    return redirect(url_for(endpoint, **values), 303)


def error_page(status: int, sentence: str | None = None) -> ResponseReturnValue:
    """A page about what went wrong: in the shop's brand on its host, in the console's look on the platform's, else plain."""
    title = TITLES.get(status, mark("This did not work"))
    sentence = sentence or SENTENCES.get(status, mark("This did not work. Go back and try once more."))
    arrival = g.get("arrival")
    if (
        arrival is None
        or arrival.problem
        or not arrival.side
        or (arrival.side == SHOP and arrival.shop is None)
    ):
        return _plain(status, title), status
    title, sentence = said(title), said(sentence)
    where = "errors/shop.html" if arrival.side == SHOP else "errors/console.html"
    try:
        return render_page(where, status=status, title=title, sentence=sentence), status
    except Exception:  # the error page itself must never be the second error
        current_app.logger.exception("the error page could not be shown")
        return _plain(status, title), status


def _plain(status: int, title: str) -> Response:
    return Response(f"{status} {title}\n", status=status, content_type="text/plain; charset=utf-8")


def install(app: Flask) -> None:
    """Every error becomes a page of ours; none names anything internal."""

    @app.errorhandler(AwningError)
    def refused(error: AwningError) -> ResponseReturnValue:
        _start_over()
        body, status = error_page(error.status, error.message)  # type: ignore[misc]
        headers = {}
        if isinstance(error, TooMany | Unavailable):
            headers["Retry-After"] = str(error.retry_after if isinstance(error, TooMany) else RETRY_SECONDS)
        return body, status, headers  # type: ignore[return-value]

    @app.errorhandler(CSRFError)
    def forged(_: CSRFError) -> ResponseReturnValue:
        return stale_form()

    @app.errorhandler(StaleDataError)
    def overtaken(_: StaleDataError) -> ResponseReturnValue:
        _start_over()
        return error_page(
            409, mark("Somebody changed this while you were looking at it. Load it again and decide anew.")
        )

    @app.errorhandler(InternalServerError)
    def outside_of_a_view(error: InternalServerError) -> ResponseReturnValue:
        # what went wrong on the way out, while committing: what was to be told of it did not happen
        g.arrival.session.pop("_flashes", None)
        return broken(error.original_exception or error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error  # type: ignore[return-value]
        return error_page(error.code if error.code in TITLES else 400 if error.code < 500 else 500)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        unreachable = isinstance(error, OperationalError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        )
        if unreachable:
            app.logger.error("the database did not answer %s: %s", request.path, type(error).__name__)
        else:
            app.logger.error("unhandled %s on %s", type(error).__name__, request.path, exc_info=error)
        _start_over()
        if not unreachable:
            return error_page(500)
        body, status = error_page(503)  # type: ignore[misc]
        return body, status, {"Retry-After": str(RETRY_SECONDS)}  # type: ignore[return-value]


def stale_form() -> ResponseReturnValue:
    """A form whose token is no longer good: its page is shown again, with what was typed, under a fresh token."""
    from app.web.kit.arrival import ask_to_sign_in

    arrival = g.arrival
    gate = current_app.extensions["gates"].get(request.endpoint)
    if arrival.person is None and gate is not None and gate.can != "public":
        return ask_to_sign_in(arrival)
    _start_over()
    return error_page(400, mark("This page was open for too long. Go back, reload it, and send it again."))


def _start_over() -> None:
    try:
        unit.start_over()
    except Exception:
        from app.core.db import db

        db.session.remove()
