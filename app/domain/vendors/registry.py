"""Which connector serves which vendor: an immutable table that ``create_app`` fills and passes on.

There is no module-level state. The application holds one ``Vendors``; whoever calls a vendor (a job) takes
it from there and hands it to the action, so two applications in one process never see each other's plugs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from app.domain.vendors.ports import Ability, VendorNotConnected, VendorPort


class Vendors:
    """The connected vendors of one application, by vendor key (``microsoft``)."""

    __slots__ = ("_ports",)

    def __init__(self, ports: Mapping[str, VendorPort] | None = None) -> None:
        self._ports: Mapping[str, VendorPort] = MappingProxyType(dict(ports or {}))

    def connect(self, vendor_key: str, port: VendorPort) -> Vendors:
        """A new table with this vendor plugged in; the one at hand is left as it is."""
        return Vendors({**self._ports, vendor_key: port})

    def port_for(self, vendor_key: str) -> VendorPort:
        """The vendor's port. Raises :class:`VendorNotConnected` (a kind of ``VendorUnavailable``)."""
        try:
            return self._ports[vendor_key]
        except KeyError:
            raise VendorNotConnected(vendor_key) from None

    def can(self, vendor_key: str, ability: Ability) -> bool:
        """Whether the vendor is connected and its connector declares the ability."""
        port = self._ports.get(vendor_key)
        return port is not None and ability in port.abilities

    def __contains__(self, vendor_key: object) -> bool:
        return vendor_key in self._ports

    def __iter__(self) -> Iterator[str]:
        return iter(self._ports)

    def __len__(self) -> int:
        return len(self._ports)
