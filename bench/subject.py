"""Awning as it is measured: a world in a database of its own, its environment, the pages and buyers to drive."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url

from app import create_app
from app.core.database_setup import prepare_database
from app.core.migrating import upgrade
from bench import floors
from bench.load import Shot, request
from bench.world import Buyer, lay
from config.settings import Settings

SECRET = "only-for-measuring-0123456789-0123456789"


@dataclass
class Subject:
    """One world. `environ` starts Awning on it."""

    admin_url: str
    owner_url: str
    folder: Path
    buyers: list[Buyer] = field(default_factory=list)
    products: list[tuple[str, str]] = field(default_factory=list)  # product and offer ids of one page

    @classmethod
    def empty(cls, admin_url: str, folder: Path) -> "Subject":
        """A migrated database with nothing in it."""
        owner = make_url(admin_url).set(database="bench_world").render_as_string(hide_password=False)
        subject = cls(admin_url, owner, folder)
        subject.drop()
        login = make_url(subject.settings.app_url_for(owner))
        prepare_database(owner, login.username, login.password)
        upgrade(owner)
        return subject

    @classmethod
    def lay(cls, admin_url: str, folder: Path, *, shops: int, offers: int) -> "Subject":
        """A world of so many shops and offers."""
        subject = cls.empty(admin_url, folder)
        plain = subject.owner_url.replace("+psycopg", "")
        subject.buyers = lay(plain, shops=shops, offers=offers)
        with psycopg.connect(plain) as connection:
            rows = connection.execute("""
                SELECT p.id::text, o.id::text FROM product p JOIN offer o ON o.product_id = p.id
                WHERE o.term = 'P1Y' AND o.billing_plan = 'monthly' ORDER BY p.sort_title LIMIT 24""")
            subject.products = rows.fetchall()
        return subject

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AWNING_ENV": "test",
            "SECRET_KEY": SECRET,
            "DATABASE_URL": self.owner_url,
            "AWNING_DATA_DIR": str(self.folder / "var"),
        }

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environ)

    @property
    def database_pid(self) -> int:
        """The process of the database server."""
        return int((self.folder / "postgres" / "cluster" / "data" / "postmaster.pid").read_text().split()[0])

    def app(self) -> Flask:
        """The application in this process."""
        return create_app(self.settings)

    def floor_database(self) -> str:
        """The URL of the floors' own tables, in the same server."""
        url = make_url(self.admin_url).set(database="bench_floor")
        with psycopg.connect(self.admin_url.replace("+psycopg", ""), autocommit=True) as admin:
            admin.execute("DROP DATABASE IF EXISTS bench_floor WITH (FORCE)")
            admin.execute("CREATE DATABASE bench_floor")
        shown = url.render_as_string(hide_password=False)
        with psycopg.connect(shown.replace("+psycopg", "")) as connection:
            for statement in floors.SCHEMA.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
        return shown

    def drop(self) -> None:
        """Away with this world."""
        with psycopg.connect(self.admin_url.replace("+psycopg", ""), autocommit=True) as admin:
            admin.execute("DROP DATABASE IF EXISTS bench_world WITH (FORCE)")

    def pages(self) -> dict[str, list[Shot]]:
        """What is driven: list and product page at the customers' own prices. A first view is a page that was never made for
        that customer, in a process that has made others for their shop; then pages of which nothing has changed.
        """
        shoppers = [(buyer.host, cookie) for few in zip(*(b.others for b in self.buyers), strict=False)
                    for buyer, cookie in zip(self.buyers, few, strict=True)]  # fmt: skip
        lists = [f"/catalogue?page={page}&sort={sort}" for page in range(1, 6) for sort in ("", "-title")]
        products = [f"/catalogue/{product}" for product, _ in self.products[:12]]
        return {
            "list, first view": [_get(path, *who) for path in lists for who in shoppers],
            "list, nothing changed": [_get("/catalogue", b.host, b.cookie) for b in self.buyers],
            "product, first view": [_get(path, *who) for path in products for who in shoppers],
            "product, nothing changed": [
                _get(path, b.host, b.cookie) for path in products[:6] for b in self.buyers[:4]
            ],
        }

    def shoppers(self, count: int) -> list[dict[str, str]]:
        """Buyers for `bench.orders`."""
        return [
            {
                "host": buyer.host,
                "cookie": buyer.cookie,
                "product": self.products[turn % len(self.products)][0],
                "offer": self.products[turn % len(self.products)][1],
            }
            for turn, buyer in enumerate((self.buyers * count)[:count])
        ]

    def statements(self) -> dict[str, tuple[int, int]]:
        """SQL statements of one request to each page, signed in, counted in this process: when it is made with nothing of this
        customer remembered, and when nothing has changed since.
        """
        from app.core.db import db
        from app.web.kit import remember

        app = self.app()
        counted: list[str] = []
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))
        keeping = app.extensions["keeping"]
        asks = keeping.marks_of
        keeping.marks_of = lambda ticket: (counted.append("marks"), asks(ticket))[1]
        client, buyer, found = app.test_client(use_cookies=False), self.buyers[0], {}
        headers: dict[str, Any] = {"Host": buyer.host, "Cookie": buyer.cookie}

        def count(path: str) -> int:
            counted.clear()
            status = client.get(path, headers=headers).status_code
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")
            return len(counted)

        for name, path in {
            "storefront list": "/catalogue",
            "product page": f"/catalogue/{self.products[0][0]}",
            "home": "/",
            "cart": "/cart",
            "orders": "/orders",
        }.items():
            count(path)  # the shelf of this version of the catalogue is made once in each process
            remember.forget()
            keeping.store.clear()
            found[name] = count(path), count(path)
        let_go(app)
        return found


def let_go(app: Flask) -> None:
    """Closes the connections of an application in this process, so that its database can be dropped."""
    from app.core.db import db

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def _get(path: str, host: str, cookie: str) -> Shot:
    return Shot(request(path, host, headers={"Cookie": cookie}))
