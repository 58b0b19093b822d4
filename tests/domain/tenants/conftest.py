"""Properties of brands are held whatever the machine is busy with: no example is timed."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
