"""How gunicorn serves Awning, in the demo and in production: `gunicorn -c config/gunicorn.py wsgi:app`.

What the product needs to know is in `settings.py`; these few variables concern the server process alone.
"""

import os
from pathlib import Path

bind = os.environ.get("AWNING_BIND", f"127.0.0.1:{os.environ.get('AWNING_PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("AWNING_THREADS", "4"))
worker_class = "gthread"

# Loaded in each worker, never before the fork: two processes must share neither database connections nor the state of a
# random generator.
preload_app = False
# No request calls a vendor, so nothing honest takes this long.
timeout = 60
graceful_timeout = 25
keepalive = 5
# A worker is replaced now and then, at different times, so that no slow leak can add up.
max_requests = 20_000
max_requests_jitter = 2_000
# The heartbeat file belongs in memory: on a busy disk a worker would look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# Forwarded headers are read by the application, as far as AWNING_PROXY_HOPS says; gunicorn itself trusts none.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
limit_request_line = 8190
limit_request_fields = 60

errorlog = "-"
accesslog = os.environ.get("AWNING_ACCESS_LOG") or None
access_log_format = "%({host}i)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
