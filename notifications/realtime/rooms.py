"""Who may listen where: a registry of room kinds, filled in `apps.py: ready()`.

A room is `kind:public id`, such as `booking:bkg_…`. Whoever holds a signed link proves it with a
token, which the kind's own reader turns into a guest.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts import policy
from accounts.models import Business, User
from accounts.policy import Actor, Guest

# Says whether the actor may listen to the object with this public id. Reads the database.
MayJoin = Callable[[Actor, str], bool]
# Turns a link's token into its guest, or None when it is not genuine or too old.
TokenReader = Callable[[str], Guest | None]


@dataclass(frozen=True, slots=True)
class RoomKind:
    """One kind of room."""

    prefix: str
    may_join: MayJoin
    read_token: TokenReader | None = None


_kinds: dict[str, RoomKind] = {}


def register(prefix: str, may_join: MayJoin, read_token: TokenReader | None = None) -> None:
    """Add a kind of room; registering it again replaces it."""
    _kinds[prefix] = RoomKind(prefix, may_join, read_token)


def full_name(room: str, actor: Actor) -> str:
    """Return the room's full name: `user` alone is one's own."""
    return f"user:{actor.public_id}" if room == "user" and isinstance(actor, User) else room


def may_join(actor: Actor, room: str) -> bool:
    """Say whether the actor may listen in the room; an unknown kind is closed."""
    prefix, _, object_id = room.partition(":")
    kind = _kinds.get(prefix)
    return kind is not None and bool(object_id) and kind.may_join(actor, object_id)


def guest_of(room: str, token: str) -> Guest | AnonymousUser:
    """Return whom the token proves for this room's kind, or nobody."""
    kind = _kinds.get(room.partition(":")[0])
    guest = kind.read_token(token) if kind and kind.read_token else None
    return guest or AnonymousUser()


def _may_join_user(actor: Actor, object_id: str) -> bool:
    return isinstance(actor, User) and actor.is_active and actor.public_id == object_id


def _may_join_staff(actor: Actor, object_id: str) -> bool:
    if not isinstance(actor, User) or not actor.is_active:
        return False
    business = Business.objects.filter(public_id=object_id).first()
    return business is not None and policy.can_in(actor, "view", Business, business)


def register_own() -> None:
    """Register the rooms of a user and of a business's staff."""
    register("user", _may_join_user)
    register("staff", _may_join_staff)
