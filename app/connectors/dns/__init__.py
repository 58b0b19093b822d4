"""The plug for questions to the domain name system, by dnspython; and one that answers from a table, for the demo."""

from collections.abc import Mapping

from app.domain.notices.ports import DnsUnavailable, Resolver

TIMEOUT_SECONDS = 4.0
MOST_ANSWERS = 50


class SystemResolver:
    """Asks the name servers this machine is set up with. Implements `notices.ports.Resolver`."""

    def txt(self, name: str) -> list[str]:
        """The TXT records of `name`; a long text comes in pieces, which belong together."""
        import dns.exception  # not at start: few processes ever ask
        import dns.resolver

        try:
            answer = dns.resolver.resolve(name, "TXT", lifetime=TIMEOUT_SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise DnsUnavailable(f"the domain name system did not answer ({type(error).__name__})") from None
        return [b"".join(record.strings).decode("utf-8", "replace") for record in list(answer)[:MOST_ANSWERS]]


class TableResolver:
    """Answers from a table of name → texts. For the demo and the tests, which reach nothing outside."""

    def __init__(self, table: Mapping[str, list[str]] | None = None) -> None:
        self.table = dict(table or {})

    def txt(self, name: str) -> list[str]:
        """What the table has."""
        return list(self.table.get(name, []))


def connect_dns(*, reaches_out: bool) -> Resolver:
    """The resolver of this installation: the real one, or an empty table where nothing outside may be reached."""
    return SystemResolver() if reaches_out else TableResolver()
