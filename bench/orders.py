"""Drives whole orders, add to placed, as a browser would: put an offer in the cart, open the checkout, place the order.

Each connection is one buyer of one shop. Runs as its own process: `python -m bench.orders`.
"""

import http.client
import json
import re
import sys
import threading
import time
from urllib.parse import urlencode

_HIDDEN = re.compile(r'name="(csrf_token|cart|intent|seen)"[^>]*value="([^"]*)"')
_TERMS = re.compile(r'name="accepted_terms"[^>]*value="([^"]*)"')


class Shopper:
    """One buyer's browser."""

    def __init__(self, port: int, host: str, cookie: str, product: str, offer: str):
        self.port, self.host, self.cookie, self.product, self.offer = port, host, cookie, product, offer
        self.connection: http.client.HTTPConnection | None = None
        self.token = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, Location and body of one request."""
        body = urlencode(form) if form else None
        headers = {"Host": self.host, "Cookie": self.cookie, "Accept": "text/html"}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                text = answer.read().decode()
                return answer.status, answer.getheader("Location", ""), text
            except (http.client.HTTPException, OSError):
                # a connection the server closed between two requests; a form is sent again only when it never arrived
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        raise AssertionError

    def prepare(self) -> None:
        """Opens the product's page once, for the form's token."""
        status, _, page = self.ask("GET", f"/catalogue/{self.product}")
        found = dict(_HIDDEN.findall(page))
        if status != 200 or "csrf_token" not in found:
            raise RuntimeError(f"the product page of {self.host} answered {status}")
        self.token = found["csrf_token"]

    def order(self) -> str:
        """One whole order; answers where its page is."""
        form = {"csrf_token": self.token, "offer": self.offer, "quantity": "3"}
        status, _, page = self.ask("POST", f"/catalogue/{self.product}", form)
        if status != 303:
            raise RuntimeError(f"adding to the cart answered {status}")
        status, _, page = self.ask("GET", "/checkout")
        if status != 200:
            raise RuntimeError(f"the checkout answered {status}")
        terms = _TERMS.search(page)
        form = dict(_HIDDEN.findall(page)) | {
            "purchase_order_number": "B-1",
            "accepted_terms": terms[1] if terms else "y",
        }
        status, location, page = self.ask("POST", "/checkout", form)
        if status != 303 or "/orders/" not in location:
            raise RuntimeError(f"placing answered {status} {location}")
        return location


def drive(port: int, shoppers: list[dict[str, str]], seconds: float) -> dict[str, float]:
    """Orders per second over all shoppers, and milliseconds per whole order."""
    times: list[float] = []
    errors: list[str] = []
    ready = threading.Barrier(len(shoppers) + 1)
    until = [0.0]

    def run(values: dict[str, str]) -> None:
        shopper = Shopper(port, **values)
        shopper.prepare()
        ready.wait()
        while time.perf_counter() < until[0]:
            started = time.perf_counter()
            try:
                shopper.order()
            except RuntimeError as error:
                errors.append(str(error))
                return
            times.append(time.perf_counter() - started)

    threads = [threading.Thread(target=run, args=(values,), daemon=True) for values in shoppers]
    for thread in threads:
        thread.start()
    until[0] = float("inf")
    ready.wait(60)
    started = time.perf_counter()
    until[0] = started + seconds
    for thread in threads:
        thread.join(seconds + 60)
    took = time.perf_counter() - started
    if errors or not times:
        raise RuntimeError("; ".join(errors[:3]) or "no order was placed")
    times.sort()
    return {
        "per_second": round(len(times) / took, 1),
        "p50": round(times[len(times) // 2] * 1000, 1),
        "p95": round(times[int(len(times) * 0.95)] * 1000, 1),
        "orders": len(times),
    }


if __name__ == "__main__":
    job = json.load(sys.stdin)
    print(json.dumps(drive(**job)))
