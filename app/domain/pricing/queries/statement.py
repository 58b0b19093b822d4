"""The one statement that gathers what a page of prices needs: vendor prices, books, versions, rules and rates in force.

It chooses (which book, version, rule, vendor price); `rules/resolution.py` calculates. Because it is one statement it sees one
snapshot: no price mixes two versions. It is SQL and not ORM on purpose: the ORM's filter keeps the distributor's rows out, and
here a reseller's price must begin at them. Row-level security lets through those that apply to the reseller, no others.
"""

# Which book: subscription, then account and vendor, account, vendor, everything; the distributor's: reseller and vendor,
# reseller, the vendor's program, vendor, everything. A book without a live version is passed over.
_BOOK = """
    SELECT b.id AS book_id, b.name, b.currency, b.base, n.id AS version_id, n.number, n.effective_at, n.passes_promotions
    FROM price_book_assignment g
    JOIN price_book b ON b.id = g.book_id
    CROSS JOIN LATERAL (
        SELECT id, number, effective_at, passes_promotions FROM price_book_version
        WHERE book_id = b.id AND published_at IS NOT NULL AND withdrawn_at IS NULL AND effective_at <= :at
        ORDER BY effective_at DESC, number DESC LIMIT 1
    ) n
    WHERE {owner} AND (g.vendor_id IS NULL OR g.vendor_id = v.vendor_id)
      AND g.starts_at <= :at AND (g.ends_at IS NULL OR g.ends_at > :at)
    ORDER BY g.subscription_id NULLS LAST, {narrow} NULLS LAST, g.program_id NULLS LAST, g.vendor_id NULLS LAST
    LIMIT 1
"""
OWN_BOOK = _BOOK.format(
    owner="g.owner_id = :tenant AND (g.account_id IS NULL OR g.account_id = :account)"
    " AND (g.subscription_id IS NULL OR g.subscription_id = :subscription)",
    narrow="g.account_id",
)
DISTRIBUTORS_BOOK = _BOOK.format(
    owner="g.owner_id = '00000000-0000-0000-0000-000000000000'"
    " AND (g.for_tenant_id IS NULL OR g.for_tenant_id = :tenant)"
    " AND (g.program_id IS NULL OR EXISTS (SELECT FROM program_member m WHERE m.tenant_id = :tenant"
    " AND m.program_id = g.program_id AND m.starts_at <= :at AND (m.ends_at IS NULL OR m.ends_at > :at)))",
    narrow="g.for_tenant_id",
)

# Which rule: narrowest selector, then the highest minimum quantity reached, then one with a window before one without.
RULE = """
    SELECT {what} FROM price_rule
    WHERE version_id = {version}
      AND target_id IN ({line}.offer_id, {line}.product_id, {line}.family_id, {line}.category_id, {line}.vendor_id,
                        '00000000-0000-0000-0000-000000000000')
      AND min_quantity <= {line}.quantity
      AND (starts_at IS NULL OR starts_at <= :at) AND (ends_at IS NULL OR ends_at > :at)
    ORDER BY rank, min_quantity DESC, (starts_at IS NULL AND ends_at IS NULL)
    LIMIT 1
"""

# In force, per currency and least quantity: the latest row that has begun, of its revisions the highest, if not ended.
# Of several currencies: the buyer's, the book's, the euro (which every rate is quoted against), then by code.
_ASK = """
    SELECT id, currency, cost, list_price, effective_from
    FROM (
        SELECT DISTINCT ON (currency, min_quantity)
               id, currency, min_quantity, cost, list_price, effective_from, effective_to
        FROM vendor_price
        WHERE offer_id = l.offer_id AND min_quantity <= l.quantity AND effective_from <= :at
        ORDER BY currency, min_quantity, effective_from DESC, revision DESC
    ) begun
    WHERE effective_to IS NULL OR effective_to > :at
    ORDER BY currency <> buyer.currency, currency IS DISTINCT FROM s.own_currency, currency <> 'EUR', currency,
             min_quantity DESC
    LIMIT 1
"""

# Of several promotions the one that takes off most; they do not add up.
PROMOTION = """
    SELECT m.id, m.name, m.percent, m.ends_at
    FROM promotion_offer x JOIN promotion m ON m.id = x.promotion_id
    WHERE x.offer_id = {line}.offer_id AND m.starts_at <= :at AND m.ends_at > :at
      AND m.min_quantity <= {line}.quantity AND (m.max_quantity IS NULL OR m.max_quantity >= {line}.quantity)
    ORDER BY m.percent DESC, m.ends_at DESC, m.id
    LIMIT 1
"""

_NEEDED = """
    SELECT array_agg(DISTINCT code) AS codes, count(DISTINCT code) FILTER (WHERE is_met) AS met FROM (
        SELECT currency, true FROM buyer
        UNION ALL SELECT ask_currency, true FROM answer
        UNION ALL SELECT own_currency, true FROM answer
        UNION ALL SELECT their_currency, true FROM answer
        UNION ALL SELECT 'EUR', false
    ) AS every(code, is_met)
    WHERE code IS NOT NULL
"""

# At most one row per table and pair of the currencies that meet on this page; none at all when there is only one.
_RATES = """
    SELECT json_agg(json_build_array(t.name, x.base, x.quote, x.rate::text, x.margin_percent::text, x.effective_at))
    FROM needed
    CROSS JOIN LATERAL unnest(needed.codes) AS base(code)
    CROSS JOIN LATERAL unnest(needed.codes) AS quote(code)
    CROSS JOIN (VALUES ('own', :tenant, 'hand'), ('hand', :nobody, 'hand'), ('ecb', :nobody, 'ecb'))
        AS t(name, owner_id, source)
    CROSS JOIN LATERAL (
        SELECT r.* FROM exchange_rate r
        WHERE r.owner_id = t.owner_id AND r.source = t.source AND r.base = base.code AND r.quote = quote.code
          AND r.effective_at <= :at
        ORDER BY r.effective_at DESC LIMIT 1
    ) x
    WHERE needed.met > 1 AND base.code <> quote.code AND (x.ends_at IS NULL OR x.ends_at > :at)
"""
_BOOKS = """
    SELECT json_agg(json_build_array(
        own_version_id, own_book_id, own_name, own_currency, own_base, own_number, own_at, own_passes))
    FROM (
        SELECT own_version_id, own_book_id, own_name, own_currency, own_base, own_number, own_at, own_passes FROM shelf
        UNION
        SELECT their_version_id, their_book_id, their_name, their_currency, their_base, their_number, their_at,
               their_passes
        FROM shelf
    ) AS every
    WHERE own_version_id IS NOT NULL
"""
_RULES = """
    SELECT json_agg(json_build_array(
        id, version_id, selector, kind, value::text, min_quantity, starts_at, ends_at, floor, floor_value::text,
        is_capped, rounding, roundings))
    FROM price_rule
    WHERE id = ANY (ARRAY(SELECT own_rule_id FROM answer UNION SELECT their_rule_id FROM answer))
"""

# What lines share (books, rules, rates) is told once, with the first of them.
QUOTES = f"""
WITH buyer AS MATERIALIZED (
    SELECT coalesce(a.currency, t.currency) AS currency, a.id AS account_id
    FROM tenant t LEFT JOIN account a ON a.tenant_id = t.id AND a.id = :account
    WHERE t.id = :tenant
), line AS MATERIALIZED (
    SELECT w.n, o.id AS offer_id, w.quantity, o.term, o.billing_plan,
           o.product_id, p.family_id, p.category_id, p.vendor_id
    FROM unnest(:offers, :quantities) WITH ORDINALITY AS w(offer_id, quantity, n)
    JOIN offer o ON o.id = w.offer_id
    JOIN product p ON p.id = o.product_id
), shelf AS MATERIALIZED (
    SELECT v.vendor_id,
           own.book_id AS own_book_id, own.name AS own_name, own.currency AS own_currency, own.base AS own_base,
           own.version_id AS own_version_id, own.number AS own_number, own.effective_at AS own_at,
           own.passes_promotions AS own_passes,
           their.book_id AS their_book_id, their.name AS their_name, their.currency AS their_currency,
           their.base AS their_base, their.version_id AS their_version_id, their.number AS their_number,
           their.effective_at AS their_at, their.passes_promotions AS their_passes
    FROM (SELECT DISTINCT vendor_id FROM line) v
    LEFT JOIN LATERAL ({OWN_BOOK}) own ON true
    LEFT JOIN LATERAL ({DISTRIBUTORS_BOOK}) their ON true
), answer AS MATERIALIZED (
    SELECT l.n, l.term, l.billing_plan,
           ask.id AS ask_id, ask.currency AS ask_currency, ask.cost, ask.list_price, ask.effective_from,
           s.own_version_id, o.id AS own_rule_id, s.own_currency,
           s.their_version_id, t.id AS their_rule_id, s.their_currency,
           promo.id AS promotion_id, promo.name AS promotion_name, promo.percent, promo.ends_at AS promotion_ends_at,
           row_number() OVER () AS row
    FROM line l
    CROSS JOIN buyer
    JOIN shelf s ON s.vendor_id = l.vendor_id
    LEFT JOIN LATERAL ({_ASK}) ask ON true
    LEFT JOIN LATERAL ({PROMOTION.format(line="l")}) promo ON true
    LEFT JOIN LATERAL ({RULE.format(version="s.own_version_id", line="l", what="id")}) o ON true
    LEFT JOIN LATERAL ({RULE.format(version="s.their_version_id", line="l", what="id")}) t ON true
), needed AS MATERIALIZED ({_NEEDED})
SELECT buyer.account_id, buyer.currency,
       CASE WHEN row = 1
            THEN json_build_object('books', ({_BOOKS}), 'rules', ({_RULES}), 'rates', ({_RATES})) END AS shared,
       n, term, billing_plan, ask_id, ask_currency, cost, list_price, effective_from,
       their_version_id, their_rule_id, own_version_id, own_rule_id,
       promotion_id, promotion_name, percent, promotion_ends_at
FROM buyer LEFT JOIN answer ON true
ORDER BY row
"""  # noqa: S608 - only the texts above are put together

# The same, as if one version of the owner's books applied, published or not.
_TRIED = """
    SELECT b.id AS book_id, b.name, b.currency, b.base, n.id AS version_id, n.number,
           coalesce(n.effective_at, :at) AS effective_at, n.passes_promotions
    FROM price_book_version n JOIN price_book b ON b.id = n.book_id
    WHERE n.id = :version AND n.owner_id = :tenant
"""
TRIAL = QUOTES.replace(OWN_BOOK, _TRIED)
"""With `:version` NULL: as if no book of the owner's applied, so at list price."""
