"""What must be true of approvals at any moment, worked out from the database alone (`flask verify`)."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import text

from app.core.db import session

_STATEMENTS = {
    "an approved request has one approving decision for each place of each of its steps": """
        SELECT r.id FROM approval_request r
            CROSS JOIN LATERAL jsonb_array_elements(r.steps) WITH ORDINALITY AS step(content, number)
            LEFT JOIN decision d ON d.tenant_id = r.tenant_id AND d.approval_request_id = r.id
                AND d.answer = 'approved' AND d.step = step.number - 1
                AND (d.place = 100) = coalesce((step.content ->> 'was_escalated')::boolean, false)
        WHERE r.state = 'approved'
        GROUP BY r.id, step.number, step.content
        HAVING count(d.id) <> CASE WHEN step.content ->> 'needs' = 'all'
            THEN jsonb_array_length(step.content -> 'people') ELSE 1 END
    """,
    "a decision in somebody's place is by somebody whom they had named": """
        SELECT d.id FROM decision d WHERE d.for_person_id IS NOT NULL AND NOT d.for_person_id = ANY (d.decider_ids)
    """,
    "nobody decided a request that the person they stood in for is behind": """
        SELECT d.id FROM decision d JOIN approval_request r
            ON r.tenant_id = d.tenant_id AND r.id = d.approval_request_id
        WHERE d.for_person_id = ANY (r.requester_ids)
    """,
    "a question that waits for an answer belongs to a request that waits": """
        SELECT r.id FROM approval_request r WHERE r.is_sent_back AND r.state = 'pending'
            AND NOT EXISTS (SELECT FROM approval_message m WHERE m.tenant_id = r.tenant_id
                AND m.approval_request_id = r.id AND m.kind = 'question')
            AND NOT EXISTS (SELECT FROM approval_proposal p WHERE p.tenant_id = r.tenant_id
                AND p.approval_request_id = r.id AND p.state = 'open')
    """,
    "no offer to approve less is open once its request is closed": """
        SELECT p.id FROM approval_proposal p JOIN approval_request r
            ON r.tenant_id = p.tenant_id AND r.id = p.approval_request_id
        WHERE p.state = 'open' AND r.state <> 'pending'
    """,
    "a refused request has exactly one refusing decision, and no other request has any": """
        SELECT r.id FROM approval_request r LEFT JOIN decision d
            ON d.tenant_id = r.tenant_id AND d.approval_request_id = r.id AND d.answer = 'refused'
        GROUP BY r.id, r.state HAVING count(d.id) <> CASE WHEN r.state = 'refused' THEN 1 ELSE 0 END
    """,
    "nobody decided a request that they stand behind": """
        SELECT d.id FROM decision d JOIN approval_request r
            ON r.tenant_id = d.tenant_id AND r.id = d.approval_request_id
        WHERE d.decider_ids && r.requester_ids
    """,
    "nobody decided two steps of one request": """
        SELECT a.approval_request_id FROM decision a JOIN decision b
            ON b.tenant_id = a.tenant_id AND b.approval_request_id = a.approval_request_id AND b.step > a.step
        WHERE a.decider_ids && b.decider_ids
    """,
    "every frozen ask has the digest of its content": """
        SELECT id FROM frozen_ask WHERE digest <> encode(sha256(convert_to(content, 'UTF8')), 'hex')
    """,
    "a request names the digest of one of its frozen asks": """
        SELECT r.id FROM approval_request r WHERE NOT EXISTS (
            SELECT FROM frozen_ask f WHERE f.tenant_id = r.tenant_id AND f.approval_request_id = r.id
                AND f.digest = r.digest)
    """,
    "an approved request's last decision granted its digest": """
        SELECT r.id FROM approval_request r JOIN decision d
            ON d.tenant_id = r.tenant_id AND d.approval_request_id = r.id
            AND d.step = jsonb_array_length(r.steps) - 1
        WHERE r.state = 'approved' AND d.granted_digest IS DISTINCT FROM r.digest
    """,
    "what waits long after its time was expired": """
        SELECT id FROM approval_request WHERE state = 'pending' AND expires_at < now() - interval '1 hour'
    """,
    "a commitment counts as unasked exactly when nobody was asked": """
        SELECT c.id FROM commitment c LEFT JOIN approval_request r
            ON r.tenant_id = c.tenant_id AND r.subject_id = c.subject_id
        WHERE c.is_unasked = (r.id IS NOT NULL)
    """,
    "no customer went past an order threshold unasked": """
        SELECT c.id FROM commitment c
            CROSS JOIN LATERAL jsonb_array_elements_text(c.verdict -> 'versions') AS v(id)
            JOIN policy_rule rule ON rule.tenant_id = c.tenant_id AND rule.policy_version_id = v.id::uuid
        WHERE c.is_unasked AND (rule.trigger = 'always' OR (rule.trigger = 'order_total'
            AND coalesce((c.counted ->> rule.currency)::numeric, rule.amount) >= rule.amount))
    """,
    "no customer went past a budget unasked": """
        SELECT c.id FROM commitment c
            CROSS JOIN LATERAL jsonb_array_elements_text(c.verdict -> 'versions') AS v(id)
            JOIN policy_rule rule ON rule.tenant_id = c.tenant_id AND rule.policy_version_id = v.id::uuid
                AND rule.trigger = 'window_spend'
            JOIN tenant t ON t.id = c.tenant_id
            CROSS JOIN LATERAL (
                SELECT sum((e.counted ->> rule.currency)::numeric) AS amount FROM commitment e
                WHERE e.tenant_id = c.tenant_id AND e.account_id = c.account_id AND e.is_unasked
                    AND (e.released_at IS NULL OR e.released_at > c.placed_at)
                    AND e.placed_at <= c.placed_at
                    AND e.placed_at >= CASE WHEN rule.period IS NULL
                    THEN c.placed_at - make_interval(days => rule.window_days)
                    ELSE timezone(t.time_zone, date_trunc(rule.period, timezone(t.time_zone, c.placed_at))) END
            ) AS spent
        WHERE c.is_unasked AND spent.amount >= rule.amount
    """,
}


def _offending(statement: str) -> list[str]:
    return [str(row[0]) for row in session().execute(text(statement))]


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    (name, partial(_offending, statement)) for name, statement in _STATEMENTS.items()
]


def check() -> list[tuple[str, list[str]]]:
    """Every broken rule with the ids that break it, within the current scope. Empty: all is well."""
    return [(name, ids) for name, find in CHECKS if (ids := find())]
