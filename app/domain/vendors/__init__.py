"""The vendors we buy from: the port every connector implements, and the table of connected vendors."""

from app.domain.vendors.ports import (
    Ability,
    Idempotency,
    Provisioned,
    ProvisionRequest,
    SeatBatch,
    SeatChange,
    VendorCheck,
    VendorConflict,
    VendorCustomer,
    VendorFailure,
    VendorNotConnected,
    VendorPort,
    VendorRejected,
    VendorSubscription,
    VendorUnavailable,
)
from app.domain.vendors.registry import Vendors

__all__ = [
    "Ability",
    "Idempotency",
    "ProvisionRequest",
    "Provisioned",
    "SeatBatch",
    "SeatChange",
    "VendorCheck",
    "VendorConflict",
    "VendorCustomer",
    "VendorFailure",
    "VendorNotConnected",
    "VendorPort",
    "VendorRejected",
    "VendorSubscription",
    "VendorUnavailable",
    "Vendors",
]
