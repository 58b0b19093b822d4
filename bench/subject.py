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

    def pages(self, port: int) -> dict[str, list[Shot]]:
        """What is driven: list and product page of signed-in customers, at their own prices; first view, and again."""
        signed_in = [(b.host, {"Cookie": b.cookie}) for b in self.buyers]
        lists = [Shot(request("/catalogue", host, headers=cookie)) for host, cookie in signed_in]
        products = [
            Shot(request(f"/catalogue/{product}", host, headers=cookie))
            for host, cookie in signed_in[:4]
            for product, _ in self.products[:6]
        ]
        again = [
            Shot(request("/catalogue", host, headers={**cookie, "If-None-Match": tag}), (304,))
            for host, cookie in signed_in
            if (tag := _etag(port, host, cookie))
        ]
        found = {"storefront list": lists, "product page": products}
        return found | ({"list, nothing changed": again} if again else {})

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

    def statements(self) -> dict[str, int]:
        """SQL statements of one request to each page, signed in, counted in this process."""
        from app.core.db import db

        app = self.app()
        counted: list[str] = []
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))
        client, buyer, found = app.test_client(use_cookies=False), self.buyers[0], {}
        for name, path in {
            "storefront list": "/catalogue",
            "product page": f"/catalogue/{self.products[0][0]}",
            "home": "/",
            "cart": "/cart",
            "orders": "/orders",
        }.items():
            headers: dict[str, Any] = {"Host": buyer.host, "Cookie": buyer.cookie}
            client.get(path, headers=headers)
            counted.clear()
            status = client.get(path, headers=headers).status_code
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")
            found[name] = len(counted)
        let_go(app)
        return found


def let_go(app: Flask) -> None:
    """Closes the connections of an application in this process, so that its database can be dropped."""
    from app.core.db import db

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def _etag(port: int, host: str, cookie: dict[str, str]) -> str:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/catalogue", headers={"Host": host, **cookie})
    answer = connection.getresponse()
    answer.read()
    return answer.getheader("ETag") or ""
