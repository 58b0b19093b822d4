"""A world of n shops and m offers, laid by set-based SQL, and the sessions of the customers who will be measured.

The catalogue is one vendor's with six offers a product; each shop has a default price book (cost + 18 %), one customer
with a book of its own (a percentage, a product rule and two fixed prices), and one buyer.
"""

import hashlib
import json
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB

from app import models as _every_table  # noqa: F401
from app.core.db import Base

LAY_CATALOGUE = """
INSERT INTO vendor (id, created_at, key, name) SELECT gen_random_uuid(), now(), 'microsoft', 'Microsoft'
    WHERE NOT EXISTS (SELECT FROM vendor WHERE key = 'microsoft');
INSERT INTO family (id, created_at, vendor_id, key, name)
    SELECT gen_random_uuid(), now(), v.id, 'family-' || n, 'Family ' || n FROM vendor v, generate_series(1, 12) n;
INSERT INTO category (id, created_at, key, name)
    SELECT gen_random_uuid(), now(), 'category-' || n, 'Category ' || n FROM generate_series(1, 8) n;

INSERT INTO product (id, created_at, vendor_id, vendor_product_id, title, publisher, description, family_id, category_id,
                     sort_title, search_title, search_more, texts_digest)
SELECT gen_random_uuid(), now(), v.id, 'CFQ' || lpad(n::text, 9, '0'), title, 'Microsoft Corporation',
       'Everything a team of any size needs for work number ' || n || ', kept safe and up to date by the vendor.',
       f.id, c.id, lower(title), lower(title), 'microsoft corporation everything a team needs', md5(title)
FROM vendor v,
     generate_series(1, %(products)s) n,
     LATERAL (SELECT (ARRAY['Business', 'Enterprise', 'Security', 'Project', 'Visio', 'Power', 'Dynamics', 'Windows'])[n %% 8 + 1]
                     || ' Suite ' || n AS title) t
     JOIN LATERAL (SELECT id FROM family WHERE key = 'family-' || (n %% 12 + 1)) f ON true
     JOIN LATERAL (SELECT id FROM category WHERE key = 'category-' || (n %% 8 + 1)) c ON true;

INSERT INTO sku (id, created_at, product_id, vendor_sku_id, title, description, unit, min_quantity, max_quantity)
SELECT gen_random_uuid(), now(), id, '0001', title, description, 'user', 1, 10000 FROM product;

INSERT INTO offer (id, created_at, product_id, sku_id, term, billing_plan, segment, market, tags, is_trial)
SELECT gen_random_uuid(), now(), s.product_id, s.id, w.term, w.plan, w.segment, 'DE', ARRAY['License'], false
FROM sku s, (VALUES ('P1M', 'monthly', 'commercial'), ('P1Y', 'monthly', 'commercial'), ('P1Y', 'annual', 'commercial'),
                    ('P3Y', 'annual', 'commercial'), ('P1Y', 'annual', 'education'), ('P1Y', 'annual', 'nonprofit'))
            AS w (term, plan, segment);

INSERT INTO vendor_price (id, created_at, offer_id, currency, cost, list_price, min_quantity, effective_from, revision)
SELECT gen_random_uuid(), now(), id, 'EUR', round((5 + random() * 300)::numeric, 2) * months, 0, 1, now() - interval '30 days', 1
FROM (SELECT id, CASE term WHEN 'P1M' THEN 1 WHEN 'P1Y' THEN 12 ELSE 36 END AS months FROM offer) o;
"""

LIST_PRICE = "UPDATE vendor_price SET list_price = round(cost * 1.25, 2)"

LAY_SHOPS = """
CREATE TEMP TABLE shop AS
    SELECT n, gen_random_uuid() AS tenant, gen_random_uuid() AS account, gen_random_uuid() AS person,
           gen_random_uuid() AS book, gen_random_uuid() AS version, gen_random_uuid() AS own_book, gen_random_uuid() AS own_version
    FROM generate_series(1, %(shops)s) n;
INSERT INTO tenant (id, created_at, nickname, name, currency, country, locale, time_zone, is_open, theme, brand, brand_digest,
                    profile, version)
    SELECT tenant, now(), 'shop' || n, 'Shop ' || n, 'EUR', 'DE', 'en', 'Europe/Berlin', true, 'base', '{}', '', '{}', 1 FROM shop;
INSERT INTO tenant_host (host, tenant_id, is_canonical, verified_at) SELECT 'shop' || n || '.localhost', tenant, true, now() FROM shop;
INSERT INTO account (id, created_at, tenant_id, name, country, currency, segment, domain, can_shop, profile, version)
    SELECT account, now(), tenant, 'Customer of ' || n, 'DE', 'EUR', 'commercial', '', true, '{}', 1 FROM shop;
INSERT INTO person (id, created_at, tenant_id, account_id, realm, email, name, roles, locale, password_hash, is_active,
                    version)
    SELECT person, now(), tenant, account, 'storefront', 'buyer@shop' || n || '.test', 'Buyer ' || n, ARRAY['buyer'], 'en', '',
           true, 1
    FROM shop;
INSERT INTO price_book (id, created_at, tenant_id, name, currency, base, is_archived, version)
    SELECT book, now(), tenant, 'Standard', 'EUR', 'cost', false, 1 FROM shop
    UNION ALL SELECT own_book, now(), tenant, 'Own', 'EUR', 'cost', false, 1 FROM shop;
INSERT INTO price_book_version (id, created_at, tenant_id, book_id, number, note, published_by_name, passes_promotions)
    SELECT version, now() - interval '40 days', tenant, book, 1, '', 'bench', true FROM shop
    UNION ALL SELECT own_version, now() - interval '40 days', tenant, own_book, 1, '', 'bench', true FROM shop;
INSERT INTO price_rule (id, created_at, tenant_id, book_id, version_id, selector, kind, value, min_quantity, floor, is_capped, rounding, roundings)
    SELECT gen_random_uuid(), now(), tenant, book, version, 'default', 'percent', 18, 1, 'none', false, 'none', CAST('{}' AS jsonb) FROM shop
    UNION ALL SELECT gen_random_uuid(), now(), tenant, own_book, own_version, 'default', 'percent', 12, 1, 'cost', false, 'none', CAST('{}' AS jsonb) FROM shop;
INSERT INTO price_rule (id, created_at, tenant_id, book_id, version_id, selector, product_id, kind, value, min_quantity, floor, is_capped, rounding, roundings)
    SELECT gen_random_uuid(), now(), tenant, own_book, own_version, 'product', p.id, 'list_minus', 5, 1, 'none', false, 'none', CAST('{}' AS jsonb)
    FROM shop, (SELECT id FROM product ORDER BY sort_title LIMIT 3) p;
INSERT INTO price_rule (id, created_at, tenant_id, book_id, version_id, selector, offer_id, kind, value, min_quantity, floor, is_capped, rounding, roundings)
    SELECT gen_random_uuid(), now(), tenant, own_book, own_version, 'offer', o.id, 'fixed', 19.9, 1, 'none', false, 'none', CAST('{}' AS jsonb)
    FROM shop, (SELECT o.id FROM offer o JOIN product p ON p.id = o.product_id ORDER BY sort_title, o.id LIMIT 2) o;
UPDATE price_book_version SET published_at = now() - interval '40 days', effective_at = now() - interval '40 days';
INSERT INTO price_book_assignment (id, created_at, tenant_id, book_id, account_id, starts_at, assigned_by_name)
    SELECT gen_random_uuid(), now(), tenant, book, NULL::uuid, now() - interval '40 days', 'bench' FROM shop
    UNION ALL SELECT gen_random_uuid(), now(), tenant, own_book, account, now() - interval '40 days', 'bench' FROM shop;
"""

SESSION = """
INSERT INTO web_session (token_hash, host, realm, tenant_id, account_id, person_id, data, created_at, seen_at, expires_at)
SELECT %(hash)s, 'shop' || %(n)s || '.localhost', 'storefront', p.tenant_id, p.account_id, p.id, %(data)s, now(), now(), now() + interval '1 day'
FROM person p WHERE p.email = 'buyer@shop' || %(n)s || '.test'
"""


# More customers of one shop: nobody's page was ever made for them.
MORE_CUSTOMERS = """
CREATE TEMP TABLE customer AS
    SELECT t.id AS tenant, gen_random_uuid() AS account, gen_random_uuid() AS person, m.m,
           (SELECT id FROM price_book b WHERE b.tenant_id = t.id AND b.name = 'Own') AS book
    FROM tenant t, generate_series(1, %(customers)s) m WHERE t.nickname = 'shop' || %(n)s;
INSERT INTO account (id, created_at, tenant_id, name, country, currency, segment, domain, can_shop, profile, version)
    SELECT account, now(), tenant, 'Customer ' || m, 'DE', 'EUR', 'commercial', '', true, '{}', 1 FROM customer;
INSERT INTO person (id, created_at, tenant_id, account_id, realm, email, name, roles, locale, password_hash, is_active,
                    version)
    SELECT person, now(), tenant, account, 'storefront', 'buyer' || m || '@shop' || %(n)s || '.test', 'Buyer ' || m,
           ARRAY['buyer'], 'en', '', true, 1
    FROM customer;
INSERT INTO price_book_assignment (id, created_at, tenant_id, book_id, account_id, starts_at, assigned_by_name)
    SELECT gen_random_uuid(), now(), tenant, book, account, now() - interval '40 days', 'bench' FROM customer;
INSERT INTO web_session (token_hash, host, realm, tenant_id, account_id, person_id, data, created_at, seen_at, expires_at)
    SELECT sha256(convert_to('bench-token-of-shop-' || %(n)s || '-' || m, 'UTF8')), 'shop' || %(n)s || '.localhost', 'storefront',
           tenant, account, person, json_build_object('csrf_token', md5(person::text)), now(), now(), now() + interval '1 day'
    FROM customer;
DROP TABLE customer
"""


@dataclass(frozen=True)
class Buyer:
    """One signed-in customer: the host, the cookie and the CSRF secret of their session, and what they may buy."""

    host: str
    cookie: str
    csrf: str
    others: tuple[str, ...] = ()  # the cookies of more customers of the same shop


def lay(owner_url: str, *, shops: int, offers: int, buyers: int = 16, customers: int = 800) -> list[Buyer]:
    """Fills an empty, migrated database; answers the buyers who will be measured, spread over the shops, and of their shops
    so many more customers in all.
    """
    with psycopg.connect(owner_url, autocommit=False) as connection:
        connection.execute("SELECT set_config('awning.scope', 'everyone', false)")
        _default_like_the_models(connection)
        connection.execute(LAY_CATALOGUE.split("INSERT INTO product", 1)[0].replace("%%", "%"))
        rest = "INSERT INTO product" + LAY_CATALOGUE.split("INSERT INTO product", 1)[1]
        for statement in rest.split(";\n"):
            if statement.strip():
                values = {"products": max(1, offers // 6)} if "%(products)s" in statement else None
                connection.execute(statement, values)
        connection.execute(LIST_PRICE)
        # laid as the owner, whose word these rows have; a row at a time the triggers would take minutes
        connection.execute("ALTER TABLE price_rule DISABLE TRIGGER USER")
        for statement in LAY_SHOPS.split(";\n"):
            if statement.strip():
                connection.execute(statement, {"shops": shops} if "%(shops)s" in statement else None)
        connection.execute("ALTER TABLE price_rule ENABLE TRIGGER USER")
        count = min(buyers, shops)
        more = max(1, customers // count)
        found = [_buyer(connection, 1 + turn * shops // count, more) for turn in range(count)]
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    return found


def _default_like_the_models(connection: psycopg.Connection) -> None:
    """What the models would write into columns that are not named above, the database writes: this world is thrown away."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            default = column.default
            if column.nullable or column.server_default is not None or default is None:
                continue
            value = default.arg(None) if default.is_callable else default.arg if default.is_scalar else None
            if isinstance(value, dict | list) and isinstance(column.type, JSONB):
                value = Jsonb(value)
            if isinstance(value, str | int | bool | list | Jsonb):
                names = sql.Identifier(table.name), sql.Identifier(column.name), sql.Literal(value)
                connection.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}").format(*names))


def _buyer(connection: psycopg.Connection, n: int, more: int) -> Buyer:
    token, csrf = f"bench-token-of-shop-{n}", hashlib.sha1(f"csrf {n}".encode()).hexdigest()
    connection.execute(
        SESSION,
        {"hash": hashlib.sha256(token.encode()).digest(), "n": n, "data": json.dumps({"csrf_token": csrf})},
    )
    for statement in MORE_CUSTOMERS.split(";\n"):
        values = {
            name: value for name, value in (("n", str(n)), ("customers", more)) if f"%({name})s" in statement
        }
        connection.execute(statement, values or None)
    others = tuple(f"awning={token}-{m}" for m in range(1, more + 1))
    return Buyer(f"shop{n}.localhost", f"awning={token}", csrf, others)
