"""What makes pressing the button twice one change (promise P3)."""

from uuid import UUID, uuid5

_SPACE = UUID("2f0f3f0a-2f0d-5d6f-8a53-4d1f6f9c7a12")


def intent_of(subscription_id: UUID, change_count: int, person_id: UUID) -> UUID:
    """The intent of changing this subscription, after so many changes were asked for, by this person."""
    return uuid5(_SPACE, f"{subscription_id}:{change_count}:{person_id}")
