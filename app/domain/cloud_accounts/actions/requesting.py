"""Asking for an account at a vendor: always past the reseller's people, whatever the policy says."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock, events, jobs
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.money import Money
from app.core.numbers import next_number
from app.domain.approvals.actions import gate
from app.domain.approvals.actions import withdraw as withdraw_approval
from app.domain.approvals.ports import Ask
from app.domain.approvals.rules.frozen import canonical, digest_of
from app.domain.catalog.models import Vendor
from app.domain.cloud_accounts.models import (
    CLOUD_REQUEST,
    KINDS,
    OPEN,
    CloudAccount,
    CloudAccountRequest,
)
from app.domain.cloud_accounts.rules.fields import clean, faults
from app.domain.orders.rules.terms import terms_in_force
from app.domain.people.models import Account
from app.domain.tenants.models import Tenant

MAX_NOTE = 500
WORDS = {"provision": "open an account", "link": "link an account", "deletion": "give an account up"}


def request_account(
    account_id: UUID,
    kind: str,
    *,
    vendor_id: UUID | None = None,
    cloud_account_id: UUID | None = None,
    domain: str = "",
    vendor_account_id: str = "",
    email: str = "",
    note: str = "",
    accepted_terms: str = "",
    intent_id: UUID,
    by: Actor,
) -> CloudAccountRequest:
    """Asks for an account to be opened, linked or given up; it waits for the reseller's people, whatever the policy says.

    Raises NotFound, Forbidden, Invalid (by field), Conflict (one like it is open already).
    """
    if by.person_id is None:
        raise Forbidden("Sign in to ask for an account.")
    if kind not in KINDS:
        raise NotFound
    gate.lock_account(account_id)
    earlier = session().scalar(select(CloudAccountRequest).where(CloudAccountRequest.intent_id == intent_id))
    if earlier is not None:
        return earlier
    account, tenant = (
        session()
        .execute(
            select(Account, Tenant)
            .join(Tenant, Tenant.id == Account.tenant_id)
            .where(Account.id == account_id)
        )
        .one()
    )
    if not account.can_shop:
        raise Forbidden("This company cannot order at the moment.")
    given_up = _given_up(cloud_account_id) if kind == "deletion" else None
    if given_up is not None:
        vendor_id, domain, vendor_account_id = (
            given_up.vendor_id,
            given_up.domain,
            given_up.vendor_account_id,
        )
    domain, vendor_account_id, email = clean(domain), " ".join(vendor_account_id.split()), clean(email)
    wrong = faults(kind=kind, domain=domain, vendor_account_id=vendor_account_id, email=email)
    if vendor_id is None or session().get(Vendor, vendor_id) is None:
        wrong["vendor_id"] = "Choose a vendor."
    if len(note := note.strip()) > MAX_NOTE:
        wrong["note"] = f"Use at most {MAX_NOTE} characters."
    terms = terms_in_force(tenant.profile)
    if accepted_terms != terms:
        wrong["accepted_terms"] = "Please accept the terms to go on."
    if wrong:
        raise Invalid(wrong)
    _refuse_twins(account_id, kind, vendor_id, domain)
    request = CloudAccountRequest(
        tenant_id=account.tenant_id,
        account_id=account.id,
        number=next_number(account.tenant_id, "K"),
        kind=kind,
        vendor_id=vendor_id,
        cloud_account_id=cloud_account_id if kind == "deletion" else None,
        vendor_account_id=vendor_account_id if kind != "provision" else "",
        domain=domain,
        email=email,
        note=note,
        terms_version=terms,
        details={},
        intent_id=intent_id,
        requested_at=clock.now(),
        requested_by_id=by.person_id,
        requested_by_name=by.name,
        is_on_behalf=by.account_id != account.id,
    )
    session().add(request)
    session().flush()
    events.record("cloud_account_request.made", request, by, told(request))
    _through_the_gate(request, account, by)
    return request


def _given_up(cloud_account_id: UUID | None) -> CloudAccount:
    found = None if cloud_account_id is None else session().get(CloudAccount, cloud_account_id)
    if found is None:
        raise NotFound
    if found.state != "active":
        raise Conflict("This account has been given up already.")
    return found


def _refuse_twins(account_id: UUID, kind: str, vendor_id: UUID | None, domain: str) -> None:
    twin = session().scalar(
        select(CloudAccountRequest.number).where(
            CloudAccountRequest.account_id == account_id,
            CloudAccountRequest.kind == kind,
            CloudAccountRequest.vendor_id == vendor_id,
            CloudAccountRequest.domain == domain,
            CloudAccountRequest.state.in_(OPEN),
        )
    )
    if twin is not None:
        raise Conflict(f"Request {twin} asks for this already.")


def content_of(request: CloudAccountRequest) -> dict[str, Any]:
    """What is asked, from the request's own row and its customer's; hashing it must give what was approved."""
    account, vendor_key = (
        session()
        .execute(
            select(Account, Vendor.key)
            .join(Vendor, Vendor.id == request.vendor_id)
            .where(Account.id == request.account_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    return {
        "number": request.number,
        "kind": request.kind,
        "customer": str(request.account_id),
        "company": account.name,
        "country": account.country,
        "vendor": vendor_key,
        "vendor_account": request.vendor_account_id,
        "domain": request.domain,
        "email": request.email,
        "terms": request.terms_version,
    }


def digest_now(request: CloudAccountRequest) -> str:
    """The digest of the request as its row is now."""
    session().flush()
    return digest_of(canonical(content_of(request)))


def _through_the_gate(request: CloudAccountRequest, account: Account, by: Actor) -> None:
    outcome = gate.ask(
        Ask(
            subject_type="cloud_account",
            subject_id=request.id,
            number=request.number,
            summary=f"{request.domain}: {WORDS[request.kind]}",
            account_id=request.account_id,
            content=content_of(request),
            commitment=Money(Decimal(0), account.currency),
            items=(),
            is_always_asked=True,
        ),
        by=by,
    )
    assert outcome.request is not None
    request.approval_request_id = outcome.request.id
    CLOUD_REQUEST.move(request, "on_hold")


def add_details(request_id: UUID, details: Mapping[str, str], *, by: Actor) -> CloudAccountRequest:
    """What the reseller adds before deciding (a payer's account, a contract number). Raises NotFound, Conflict, Invalid."""
    request = lock_request(request_id)
    if request.state != "on_hold":
        raise Conflict(f"Request {request.number} has been decided.")
    kept = {name: " ".join(value.split()) for name, value in details.items()}
    wrong = {name: "Use at most 120 characters." for name, value in kept.items() if len(value) > 120}
    if wrong:
        raise Invalid(wrong)
    request.details = {name: value for name, value in kept.items() if value}
    events.record("cloud_account_request.completed_by_reseller", request, by, told(request))
    return request


def lock_request(request_id: UUID) -> CloudAccountRequest:
    """The request, locked and read afresh; NotFound when it is not in scope."""
    found = (
        session()
        .scalars(
            select(CloudAccountRequest)
            .where(CloudAccountRequest.id == request_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def withdraw_request(request_id: UUID, *, by: Actor) -> None:
    """Takes a request back while it waits. Raises NotFound, Forbidden, Conflict."""
    request = session().get(CloudAccountRequest, request_id)
    if request is None:
        raise NotFound
    if request.state != "on_hold" or request.approval_request_id is None:
        raise Conflict(f"Request {request.number} can no longer be taken back.")
    withdraw_approval(request.approval_request_id, by=by)


def told(request: CloudAccountRequest) -> dict[str, object]:
    """What every event of a request says."""
    return {"number": request.number, "kind": request.kind, "domain": request.domain}


def defer(request: CloudAccountRequest, at: datetime | None = None) -> None:
    """Defers the work on a request."""
    jobs.defer(
        "cloud_accounts.call",
        tenant_id=request.tenant_id,
        request_id=request.id,
        lock=f"cloud-account-request:{request.id}",
        at=at,
    )
