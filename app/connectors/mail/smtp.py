"""Carrying a mail to the SMTP server: one connection a mail, short time-outs, two kinds of failure and nothing else."""

import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr

from app.core import clock
from app.core.faults import fault
from app.domain.notices.ports import Envelope, MailRejected, MailUnavailable
from app.domain.notices.rules.headers import one_line

TIMEOUT_SECONDS = 10.0


class Carrier:
    """Hands mails to one server. `sender` is the address mails come from; its name is each mail's own."""

    def __init__(
        self, *, host: str, port: int, user: str | None, password: str | None, starttls: bool, sender: str
    ) -> None:
        self._host, self._port = host, port
        self._user, self._password = user, password
        self._starttls = starttls
        self._sender = parseaddr(sender)[1]

    def carry(self, envelope: Envelope) -> None:
        """One attempt. A message with the same key has the same Message-ID, so that doubles can be recognised."""
        message = self._message(envelope)
        fault("mail.smtp.send.before")
        try:
            with smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS) as server:
                if self._starttls:
                    server.starttls(context=ssl.create_default_context())
                if self._user:
                    server.login(self._user, self._password or "")
                self._hand_over(server, message, envelope)
        except smtplib.SMTPRecipientsRefused as refused:
            code, reason = refused.recipients.get(envelope.to_email) or next(
                iter(refused.recipients.values())
            )
            self._fail(code, f"the server refused the recipient ({code}){_words(reason)}", of_recipient=True)
        except smtplib.SMTPAuthenticationError as error:
            raise MailUnavailable(f"the server did not accept our login ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            self._fail(error.smtp_code, f"the server refused the mail ({error.smtp_code})")
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(f"the mail server cannot be reached ({type(error).__name__})") from None
        fault("mail.smtp.send.after")

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, envelope: Envelope) -> None:
        recipients = [envelope.to_email, *([envelope.bcc] if envelope.bcc else [])]
        refused = server.send_message(message, envelope.from_email or self._sender, recipients)
        if envelope.to_email in refused:  # only the copy was taken
            raise smtplib.SMTPRecipientsRefused(refused)

    def _fail(self, code: int, sentence: str, *, of_recipient: bool = False) -> None:
        if 500 <= code < 600:
            raise MailRejected(sentence, of_recipient=of_recipient) from None
        raise MailUnavailable(sentence) from None

    def _message(self, envelope: Envelope) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        domain = self._sender.rpartition("@")[2]
        try:
            message["From"] = Address(envelope.from_name, addr_spec=envelope.from_email or self._sender)
            message["To"] = Address(envelope.to_name, addr_spec=envelope.to_email)
            if envelope.reply_to:
                message["Reply-To"] = Address(addr_spec=envelope.reply_to)
            message["Subject"] = envelope.subject
        except (MessageError, ValueError, IndexError) as error:
            raise MailRejected(
                f"the mail has a header that cannot be written ({type(error).__name__})"
            ) from None
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{envelope.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        if envelope.unsubscribe:
            message["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(envelope.text)
        message.add_alternative(envelope.html, subtype="html")
        return message


def _words(reason: object) -> str:
    """What the server said, as plain words in brackets; it may be bytes, and anything."""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason or "")
    text = one_line(text, 200)
    return f": {text}" if text else ""
