"""What happens to a tenant: it is dressed in a theme and a brand, keeps pictures, says who it is, opens and closes its shop.

Which themes there are is the door's knowledge; the theme's schema is handed in.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select

from app.core import events
from app.core.actor import Actor
from app.core.db import session
from app.core.errors import Invalid, NotFound
from app.domain.tenants import images
from app.domain.tenants.models import StoredImage, Tenant
from app.domain.tenants.rules import brand, profile, words
from app.domain.tenants.rules.schema import Schema


def find(tenant_id: UUID) -> Tenant:
    """The tenant, for writing. NotFound when it is outside the scope."""
    found = session().get(Tenant, tenant_id)
    if found is None:
        raise NotFound()
    return found


def dress(tenant: Tenant, schema: Schema, typed: Mapping[str, str], by: Actor) -> None:
    """Puts the shop into the theme of `schema` with the brand that was typed; in force with the next page.

    Raises Invalid with a sentence per setting: an unreadable colour names the nearest one that passes. Pictures must be
    ones this tenant stored (`keep_picture`).
    """
    values, faults = brand.check(schema, typed)
    for setting in schema:
        if setting.kind == "image" and values.get(setting.id) and not _is_kept(values[setting.id]):
            faults[setting.id] = brand.Fault("This picture is not in your library. Choose it again.")
    if faults:
        raise Invalid({name: fault.message for name, fault in faults.items()})
    before = {"theme": tenant.theme, **tenant.brand}
    tenant.theme, tenant.brand = schema.theme, values
    tenant.brand_digest = brand.digest(brand.stylesheet(schema, values))
    after = {"theme": tenant.theme, **values}
    changed = sorted(name for name in after if after[name] != before.get(name))
    if changed:
        events.record("tenant.branded", tenant, by, {"changed": changed, "theme": tenant.theme})


def _is_kept(digest: str) -> bool:
    return session().scalar(select(StoredImage.id).where(StoredImage.digest == digest)) is not None


def keep_picture(data: bytes, *, field: str, by: Actor) -> str:
    """Takes an uploaded picture into the tenant's library and answers its digest. Raises Invalid at `field` (`images.take`)."""
    picture = images.take(data, field=field)
    if not _is_kept(picture.digest):
        session().add(
            StoredImage(
                tenant_id=by.tenant_id,
                digest=picture.digest,
                mime=picture.mime,
                width=picture.width,
                height=picture.height,
                body=picture.body,
            )
        )
        session().flush()
    return picture.digest


def introduce(tenant: Tenant, name: str, typed: Mapping[str, str], by: Actor) -> None:
    """Sets the shop's name and its public company profile. Raises Invalid per line."""
    values, faults = profile.check(typed)
    name = " ".join(name.split())
    if not 2 <= len(name) <= 80 or not name.isprintable():
        faults["name"] = "Enter a name of 2 to 80 characters."
    if faults:
        raise Invalid(faults)
    changed = sorted(key for key, value in values.items() if value != tenant.profile.get(key, ""))
    if name != tenant.name:
        changed.append("name")
    tenant.name, tenant.profile = name, {**tenant.profile, **values}
    if changed:
        events.record("tenant.introduced", tenant, by, {"changed": changed})


def rename_word(
    tenant: Tenant, language: str, word: str, replacement: str, sentences: Iterable[str], by: Actor
) -> None:
    """From now on the shop says `replacement` for `word` in one language. `sentences` is what shops say in it.

    Raises Invalid per field: a word that stands in no sentence would change nothing.
    """
    word, replacement = " ".join(word.split()), " ".join(replacement.split())
    faults = words.check(word, replacement)
    present = dict(tenant.words.get(language) or {})
    if not faults and not any(words.renamed(one, {word: "\0"}) != one for one in sentences):
        faults["word"] = "No sentence of the shop has this word in this language."
    if not faults and word.casefold() not in present and len(present) >= words.MOST:
        faults["word"] = "That are enough words: take one out first."
    if faults:
        raise Invalid(faults)
    present[word.casefold()] = replacement
    tenant.words = {**tenant.words, language: present}
    events.record("tenant.word_renamed", tenant, by, {"language": language, "word": word, "to": replacement})


def forget_word(tenant: Tenant, language: str, word: str, by: Actor) -> None:
    """The shop says the usual word again. Nothing happens when it does already."""
    present = dict(tenant.words.get(language) or {})
    if present.pop(word.casefold(), None) is not None:
        tenant.words = {**tenant.words, language: present}
        events.record("tenant.word_renamed", tenant, by, {"language": language, "word": word, "to": word})


def open_shop(tenant: Tenant, is_open: bool, by: Actor) -> None:
    """Opens the shop, or closes it: a closed shop says so under its own brand and sells nothing."""
    if tenant.is_open != is_open:
        tenant.is_open = is_open
        events.record("tenant.opened" if is_open else "tenant.closed", tenant, by)
