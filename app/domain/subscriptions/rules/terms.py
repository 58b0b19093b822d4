"""Which other term may begin at once, and which may follow at the renewal."""

from app.domain.pricing.rules.cycles import charge_cycle

TERM_MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}


def may_begin_now(term: str, to_term: str) -> bool:
    """Whether a running term can be given up for another at once: only for a longer one, as vendors allow it."""
    return TERM_MONTHS.get(to_term, 0) > TERM_MONTHS.get(term, 0)


def is_sold(term: str, billing_plan: str) -> bool:
    """Whether a term can be billed so; trials cannot be chosen."""
    try:
        return not charge_cycle(term, billing_plan).is_trial
    except ValueError:
        return False
