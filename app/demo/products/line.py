"""What one product of the demo world is: its name, its list price, to whom it is sold and in which ways."""

from dataclasses import dataclass

ALL = ("Commercial", "Education", "Charity", "Government")
MOST = ("Commercial", "Charity", "Government")
BUSINESS = ("Commercial", "Charity")
TRADE = ("Commercial",)


@dataclass(frozen=True, slots=True)
class Line:
    """One product: `monthly` is the list price for a month of a yearly term; `editions` are further skus of it."""

    title: str
    monthly: int
    description: str
    segments: tuple[str, ...] = ALL
    editions: tuple[str, ...] = ()
    code: str = ""
    prefix: str = "CFQ7TTC0"
    publisher: str = "Microsoft Corporation"
    is_triennial: bool = False
    has_trial: bool = False
    is_yearly: bool = True
