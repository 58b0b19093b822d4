"""HTTP to the vendor sandbox: authentication, idempotency keys, paging, and what each status means.

Returns parsed JSON objects; turning them into the port's values is `mapping`, deciding is `connector`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from app.connectors.http import HttpAnswer, HttpClient
from app.connectors.sandbox import mapping
from app.domain.vendors.ports import VendorConflict, VendorRejected, VendorUnavailable

_MOST_PAGES = 1000

# Refusals that pass by themselves: the vendor is still busy with the same thing.
_BUSY = {"900278": timedelta(seconds=30), "800060": timedelta(minutes=5), "800064": timedelta(seconds=30)}
_CONFLICTS = {"2055", "quantity_changed"}


class SandboxClient:
    """The sandbox's API, one method a verb."""

    def __init__(self, base_url: str, token: str, timeout: timedelta) -> None:
        self._http = HttpClient(
            base_url, name="sandbox", headers={"Authorization": f"Bearer {token}"}, timeout=timeout
        )

    @property
    def timeout(self) -> timedelta:
        """The longest that one call lasts on our side."""
        return self._http.timeout

    def read(self, operation: str, *path: str, **query: str) -> dict[str, Any]:
        """GET one object."""
        return _settled(self._http.call(operation, "GET", ("v1", *path), query=query))

    def pages(self, operation: str, *path: str, **query: str) -> Iterator[Mapping[str, Any]]:
        """GET every item of a list, a page at a time."""
        cursor: str | None = "0"
        for _ in range(_MOST_PAGES):
            answer = self._http.call(
                operation, "GET", ("v1", *path), query={**query, "limit": "200", "cursor": cursor}
            )
            document = _settled(answer)
            try:
                yield from mapping.items(document)
                cursor = mapping.next_cursor(document)
            except mapping.Unreadable as error:
                answer.unreadable(f"cannot be read: {error}")
            if cursor is None:
                return
        raise VendorUnavailable("The vendor's list does not end.", False)

    def write(
        self,
        operation: str,
        method: str,
        path: Iterable[str],
        *,
        key: str,
        body: Mapping[str, Any] | None = None,
        etag: str | None = None,
    ) -> dict[str, Any]:
        """Change something under an idempotency key, and under an etag if there is one."""
        headers = {"Idempotency-Key": key}
        if etag is not None:
            headers["If-Match"] = etag
        return _settled(self._http.call(operation, method, ("v1", *path), body=body or {}, headers=headers))

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()


def _settled(answer: HttpAnswer) -> dict[str, Any]:
    """The object of a successful answer; any other raises what it means.

    A refusal is final only if the vendor says so in its own words: a 4xx without the vendor's error body comes
    from something in between and settles nothing.
    """
    if 200 <= answer.status < 300:
        return answer.json()
    if answer.status == 429:
        raise VendorUnavailable("The vendor asks us to slow down.", False, answer.retry_after())
    if answer.status == 401:
        raise VendorUnavailable("The vendor does not accept our token.", False)
    if not 400 <= answer.status < 500 or answer.status == 408:
        answer.unreadable("says that something is wrong on its side")
    try:
        code, description = mapping.problem(answer.json())
    except mapping.Unreadable:
        answer.unreadable("does not say what is wrong")
    if code in _BUSY:
        raise VendorUnavailable(description, code == "800060" and not answer.is_read, _BUSY[code])
    if code in _CONFLICTS:
        raise VendorConflict(code, description)
    raise VendorRejected(code, description)
