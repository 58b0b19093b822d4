"""The floors: what the same machine does with the least a page or an order can be. Each is a WSGI app.

(a) 30 kB of ready HTML; (b) 24 product cards rendered from memory; (c) the same with one indexed query of 24 rows,
SQLAlchemy Core; (d) the smallest honest order: five statements and a commit.
"""

import os
import uuid
from decimal import Decimal

from flask import Flask, Response
from sqlalchemy import create_engine, text

PAGE = ("<!doctype html><title>Floor</title>" + "<p>An awning hangs over a shop window.</p>" * 740)[:30_000]

CARDS = """<!doctype html><html lang="en"><head><title>Shop</title></head><body><main><h1>Products</h1><ul>
{% for row in rows %}<li class="card"><article><h2><a href="/products/{{ row.id }}">{{ row.title }}</a></h2>
<p class="publisher">{{ row.publisher }}</p><p class="text">{{ row.description }}</p>
<dl><dt>Term</dt><dd>{{ row.term }}</dd><dt>Billing plan</dt><dd>{{ row.plan }}</dd></dl>
<p class="price"><strong>{{ "%.2f"|format(row.price) }}</strong> {{ row.currency }} per user, per month</p>
<form method="post" action="/cart"><input type="hidden" name="offer" value="{{ row.id }}">
<label>Quantity <input name="quantity" value="1"></label><button>Add to cart</button></form></article></li>
{% endfor %}</ul></main></body></html>"""

SCHEMA = """
CREATE TABLE floor_product (
    id int PRIMARY KEY, shop int NOT NULL, title text NOT NULL, publisher text NOT NULL, description text NOT NULL,
    term text NOT NULL, plan text NOT NULL, price numeric(12, 2) NOT NULL, currency text NOT NULL);
INSERT INTO floor_product SELECT n, n % 100, 'Product ' || n, 'Publisher ' || n % 9, repeat('words about it ', 12),
    'P1Y', 'Monthly', (n % 900) / 7.0, 'EUR' FROM generate_series(1, 2000) n;
CREATE INDEX ON floor_product (shop, title);
CREATE TABLE floor_order (id uuid PRIMARY KEY, customer int NOT NULL, total numeric(12, 2) NOT NULL, at timestamptz NOT NULL);
CREATE TABLE floor_line (order_id uuid REFERENCES floor_order, product int NOT NULL, quantity int NOT NULL, price numeric(12, 2));
CREATE TABLE floor_event (order_id uuid, name text, at timestamptz);
CREATE TABLE floor_customer (id int PRIMARY KEY, name text);
INSERT INTO floor_customer SELECT n, 'Customer ' || n FROM generate_series(1, 1000) n;
ANALYZE floor_product;
"""


def create_app() -> Flask:
    """All four floors under `/a`, `/b`, `/c` and `/d`. The database is named by FLOOR_DATABASE_URL."""
    app = Flask("floor")
    engine = create_engine(os.environ["FLOOR_DATABASE_URL"], pool_size=5)
    template = app.jinja_env.from_string(CARDS)
    memory = [
        {
            "id": n,
            "title": f"Product {n}",
            "publisher": f"Publisher {n % 9}",
            "description": "words about it " * 12,
            "term": "P1Y",
            "plan": "Monthly",
            "price": Decimal(n * 3) / 7,
            "currency": "EUR",
        }
        for n in range(24)
    ]
    listing = text("SELECT * FROM floor_product WHERE shop = :shop ORDER BY title LIMIT 24")

    @app.get("/a")
    def ready() -> Response:
        return Response(PAGE)

    @app.get("/b")
    def from_memory() -> str:
        return template.render(rows=memory)

    @app.get("/c")
    def one_query() -> str:
        with engine.connect() as connection:
            return template.render(rows=connection.execute(listing, {"shop": 7}).all())

    @app.post("/d")
    def order() -> Response:
        key = uuid.uuid4()
        with engine.begin() as connection:
            connection.execute(
                text("SELECT id FROM floor_customer WHERE id = :id FOR UPDATE"), {"id": key.int % 1000 + 1}
            )
            price = connection.execute(
                text("SELECT price FROM floor_product WHERE id = :id"), {"id": key.int % 2000 + 1}
            ).scalar_one()
            connection.execute(
                text("INSERT INTO floor_order VALUES (:id, :customer, :total, now())"),
                {"id": key, "customer": key.int % 1000 + 1, "total": price * 3},
            )
            connection.execute(
                text("INSERT INTO floor_line VALUES (:id, :product, 3, :price)"),
                {"id": key, "product": key.int % 2000 + 1, "price": price},
            )
            connection.execute(
                text("INSERT INTO floor_event VALUES (:id, 'order.placed', now())"), {"id": key}
            )
        return Response(status=303, headers={"Location": f"/orders/{key}"})

    return app
