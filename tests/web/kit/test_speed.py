"""What keeps pages fast, as facts and not as times."""

from app.core.db import db


def test_reading_pages_keeps_the_statements_that_were_planned(app, browser_for, ann):
    with app.app_context():
        db.engine.dispose()  # so that there is one connection, whose statements we count
    browser = browser_for(ann)
    for _ in range(8):
        assert browser.get("/orders").status == 200
    with app.app_context(), db.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
    assert kept >= 3
