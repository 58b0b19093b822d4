"""Catches mails in place of the server that would carry them. Letters are written by the real writer."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from app.domain.notices.ports import Envelope, Letter, Look, Post, Words


class Mailbox:
    """Implements `notices.ports.Post`; `failure` is raised instead of taking a mail."""

    def __init__(self, post: Post):
        self.post = post
        self.envelopes: list[Envelope] = []
        self.failure: Exception | None = None

    @property
    def console_host(self) -> str:
        return self.post.console_host

    @property
    def sending_domain(self) -> str:
        return self.post.sending_domain

    def url(self, host: str, path: str) -> str:
        return self.post.url(host, path)

    def write(self, words: Words, look: Look, facts: Mapping[str, Any]) -> Letter:
        return self.post.write(words, look, facts)

    def mute_token(self, person_id: UUID, group: str) -> str:
        return self.post.mute_token(person_id, group)

    def read_mute_token(self, token: str) -> tuple[UUID, str] | None:
        return self.post.read_mute_token(token)

    def carry(self, envelope: Envelope) -> None:
        if self.failure is not None:
            raise self.failure
        self.envelopes.append(envelope)

    def to(self, email: str) -> list[Envelope]:
        """The mails to one address, oldest first."""
        return [envelope for envelope in self.envelopes if envelope.to_email == email]

    def link(self, email: str) -> str:
        """The only link of the newest mail to this address."""
        found = set(re.findall(r"https?://\S+", self.to(email)[-1].text))
        assert len(found) == 1, found
        return found.pop()

    def token(self, email: str) -> str:
        """The token at the end of that link."""
        return urlsplit(self.link(email)).path.rsplit("/", 1)[-1]
