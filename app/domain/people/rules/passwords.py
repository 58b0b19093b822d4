"""Which words may be a password: long enough, and not one that everybody tries first. No rules about what it is made of."""

import unicodedata
from itertools import pairwise

MIN_LENGTH = 12
MAX_LENGTH = 200

# what people choose when they are asked for twelve characters
COMMON = frozenset(
    """
    password1234 password12345 password123! passwordpassword mypassword123 changeme1234 changemeplease letmein12345
    letmeinplease welcome12345 qwertyuiop123 qwertyuiop12 qwerty123456 qwertyuiopasdf qwertzuiop123 1q2w3e4r5t6y
    1qaz2wsx3edc zaq12wsxcde3 asdfghjkl123 iloveyou1234 iloveyouforever administrator administrator1 admin1234567
    trustno1trustno1 sunshine1234 princess1234 football1234 baseball1234 superman1234 michael12345 jennifer1234
    dragon123456 monkey123456 abc123abc123 a1b2c3d4e5f6 passw0rd1234 p@ssw0rd1234 p@ssword1234
    correcthorsebatterystaple summer2024!! winter2025!! microsoft365 office365admin cloud1234567
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


def normalised(password: str) -> str:
    """One form for what different keyboards send for the same characters (NFKC, as NIST SP 800-63B 3.1.1.2 advises)."""
    return unicodedata.normalize("NFKC", password)


def problem_with(password: str, *, email: str = "", name: str = "", company: str = "") -> str | None:
    """Why `password` cannot be taken, as a sentence for people, or None when it can."""
    password = normalised(password)
    if len(password) < MIN_LENGTH:
        return f"Use at least {MIN_LENGTH} characters. A few words in a row are easy to remember."
    if len(password) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    plain = password.casefold()
    if plain in COMMON or _repeats(plain) or _counts(plain):
        return "This is one of the first passwords that anybody would try. Choose another one."
    own = {
        part
        for word in (email.split("@")[0], name, company)
        for part in (word.casefold(), word.casefold().replace(" ", ""))
    }
    if plain == email.casefold() or plain.strip("0123456789!?.-_ ") in own - {""}:
        return "This is your own name or address, which others know. Choose another one."
    return None


def _repeats(text: str) -> bool:
    """`aaaaaaaaaaaa`, `abcabcabcabc`: one short piece over and over."""
    return any(len(text) % size == 0 and text == text[:size] * (len(text) // size) for size in (1, 2, 3, 4))


def _counts(text: str) -> bool:
    """`123456789012`, `abcdefghijkl`, `zyxwvutsrqpo`: each character the next (or the previous) one."""
    steps = {(ord(b) - ord(a)) for a, b in pairwise(text)}
    return steps in ({1}, {-1}) or text in "01234567890123456789012345678901234567890"
