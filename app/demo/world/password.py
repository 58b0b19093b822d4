"""The demo's one password: made up once for each installation, kept for its owner's eyes only, printed by bin/demo."""

import os
import secrets
from pathlib import Path

from config.settings import Settings

_FIRST, _SECOND = "bdfghjklmnprstvz", "aeiou"


def demo_password(settings: Settings) -> str:
    """The password of everybody in the demo world; made when there is none yet."""
    path = password_file(settings)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("-".join(_word() for _ in range(4)) + "\n")
    return path.read_text().strip()


def password_file(settings: Settings) -> Path:
    """Where it is kept."""
    return settings.data_dir / "demo-password"


def _word() -> str:
    """Two syllables: easy to read out, 12.6 bits."""
    return "".join(secrets.choice(_FIRST) + secrets.choice(_SECOND) for _ in range(2))
