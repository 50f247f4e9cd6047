"""Who may do what. Every door asks here, whichever way the object was found.

A rule is registered per model by the app that owns it. Rows: `visible_to(actor, queryset)`.
Verbs: `can(actor, verb, object)`. Both: `fetch(...)`, which answers 404 for a missing object, 401
for a stranger and 403 for another's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, NoReturn, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import connection, models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApiKey,
    Business,
    Contact,
    Device,
    Invitation,
    Membership,
    PlatformMember,
    Role,
    User,
)
from accounts.models.platform import GROUP_ROLES
from accounts.queries import has_second_factor
from common.errors import Forbidden, NotFound, NotSignedIn

M = TypeVar("M", bound=models.Model)


class SecondFactorRequired(Forbidden):
    """The business asks its members for a second factor, and this one has none yet."""

    code = "SECOND_FACTOR_REQUIRED"
    message = _("This business asks its members for a second step at sign-in. Set one up first.")
    leads_to = "mfa_index"


ALL: Final = frozenset(Role)
DESK: Final = frozenset({Role.OWNER, Role.MANAGER, Role.FRONT_DESK})
MANAGERS: Final = frozenset({Role.OWNER, Role.MANAGER})
MONEY: Final = frozenset({Role.OWNER, Role.MANAGER, Role.FINANCE})
OWNERS: Final = frozenset({Role.OWNER})


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who holds a signed link to one object, without an account."""

    subject: str


@dataclass(frozen=True, slots=True)
class KeyCaller:
    """A program that calls with a business's API key: the key's scopes in that business, no more.

    It stands where the framework expects a signed-in user: limits and stored answers are kept by
    its public id.
    """

    public_id: str
    business_id: int
    scopes: frozenset[str]
    is_live: bool
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True


Actor = User | AnonymousUser | Guest | KeyCaller


@dataclass(frozen=True)
class Rule:
    """Access to a model.

    `business` and `customer` are lookup paths to the owning business and the customer's user;
    `guest` is the path whose value a guest's link names. `roles` maps verbs to member roles,
    `customer_verbs` is what the customer (and the guest) may do with their own, `key_scopes` the
    scope an API key needs for each verb; a verb it does not name is closed to keys.
    """

    model: type[models.Model]
    roles: Mapping[str, frozenset[Role]]
    business: str = "business"
    customer: str = ""
    guest: str = ""
    customer_verbs: frozenset[str] = field(default=frozenset({"view"}))
    public: Callable[[], Q] | None = None
    key_scopes: Mapping[str, str] = field(default_factory=dict)


_ROLES: Final = f"""
SELECT m.business_id, m.role, b.requires_second_factor
FROM {Membership._meta.db_table} m JOIN {Business._meta.db_table} b ON b.id = m.business_id
WHERE m.user_id = %s
"""  # noqa: S608  tables' names

_rules: dict[type[models.Model], Rule] = {}


def register(*rules: Rule) -> None:
    """Add rules; registering the same model again replaces its rule."""
    for rule in rules:
        _rules[rule.model] = rule


def rule_for(model: type[models.Model]) -> Rule:
    """Return the model's rule; raises LookupError, so a model without one is closed."""
    try:
        return _rules[model]
    except KeyError:
        raise LookupError(f"{model.__name__} has no access rule") from None


def rules() -> list[Rule]:
    """Return every rule."""
    return list(_rules.values())


def roles_of(user: User) -> dict[int, Role]:
    """Return the user's roles by business row id; read once per user object.

    A role in a business that requires a second factor counts only for members who have one.
    """
    return _places_of(user)[0]


def withheld_from(user: User) -> frozenset[int]:
    """Return the businesses (row ids) whose role the user lacks for want of a second factor."""
    return _places_of(user)[1]


def _places_of(user: User) -> tuple[dict[int, Role], frozenset[int]]:
    cached: tuple[dict[int, Role], frozenset[int]] | None = user.__dict__.get("_places")
    if cached is None:
        # Asked by nearly every request of everybody signed in; building the query by the ORM
        # takes several times as long as running it.
        with connection.cursor() as cursor:
            cursor.execute(_ROLES, [user.pk])
            rows = cursor.fetchall()
        asking = frozenset(business_id for business_id, _role, asks in rows if asks)
        withheld = asking if asking and not has_second_factor(user.pk) else frozenset()
        roles = {
            business_id: Role(role)
            for business_id, role, _asks in rows
            if business_id not in withheld
        }
        cached = user.__dict__["_places"] = (roles, withheld)
    return cached


def forget_roles(user: User) -> None:
    """Have the user's roles read anew: they have changed, or only what holds now may count."""
    user.__dict__.pop("_places", None)


def platform_role(user: User) -> Role | None:
    """Return the role the user has in every business as staff of the platform, if any.

    Read once per user object, and only for accounts that may open the admin.
    """
    if not (user.is_staff and user.is_active):
        return None
    if "_platform_role" not in user.__dict__:
        groups = PlatformMember.objects.filter(user=user).values_list("group", flat=True)
        found = groups.first()
        user.__dict__["_platform_role"] = (
            GROUP_ROLES[PlatformMember.Group(found)] if found else None
        )
    role: Role | None = user.__dict__["_platform_role"]
    return role


def _everywhere(user: User, verb: str, rule: Rule) -> bool:
    """Say whether the user may do the verb to the objects of every business."""
    if user.is_superuser:
        return True
    allowed = rule.roles.get(verb, frozenset())
    return bool(allowed) and platform_role(user) in allowed


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows of a model an account may view, for statements written by hand.

    All of them, or those of the businesses (by row id) and of the customer (the user's row id).
    What is public, or named by a guest's link, is not counted in.
    """

    is_all: bool = False
    businesses: tuple[int, ...] = ()
    customer: int | None = None


def reach(actor: Actor, model: type[models.Model]) -> Reach:
    """Return which rows of a model the actor may view."""
    rule = rule_for(model)
    if isinstance(actor, KeyCaller):
        return Reach(businesses=(actor.business_id,) if _has_scope(actor, "view", rule) else ())
    if not isinstance(actor, User):
        return Reach()
    if _everywhere(actor, "view", rule):
        return Reach(is_all=True)
    allowed = rule.roles.get("view", frozenset())
    return Reach(
        businesses=tuple(key for key, role in roles_of(actor).items() if role in allowed),
        customer=actor.pk if rule.customer else None,
    )


def visible_to(actor: Actor, queryset: QuerySet[M]) -> QuerySet[M]:
    """Return the rows the actor may view."""
    rule = rule_for(queryset.model)
    allowed = rule.public() if rule.public else Q(pk__in=[])
    if isinstance(actor, Guest):
        return (
            queryset.filter(allowed | Q(**{rule.guest: actor.subject}))
            if rule.guest
            else (queryset.filter(allowed))
        )
    within = reach(actor, queryset.model)
    if within.is_all:
        return queryset
    if within.businesses:
        path = f"{rule.business}__in" if rule.business else "pk__in"
        allowed |= Q(**{path: within.businesses})
    if within.customer is not None:
        allowed |= Q(**{rule.customer: within.customer})
    return queryset.filter(allowed)


def can(actor: Actor, verb: str, item: models.Model) -> bool:
    """Say whether the actor may do the verb to the object."""
    rule = rule_for(type(item))
    if isinstance(actor, Guest):
        is_own = bool(rule.guest) and _follow(item, rule.guest) == actor.subject
        return (is_own and verb in rule.customer_verbs) or _is_public(rule, verb, item)
    if isinstance(actor, KeyCaller):
        is_own = _business_id(rule, item) == actor.business_id
        return (is_own and _has_scope(actor, verb, rule)) or _is_public(rule, verb, item)
    if not isinstance(actor, User) or not actor.is_active:
        return _is_public(rule, verb, item)
    if _everywhere(actor, verb, rule):
        return True
    return _may_as_user(actor, verb, item, rule) or _is_public(rule, verb, item)


def can_in(actor: Actor, verb: str, model: type[models.Model], business: Business) -> bool:
    """Say whether the actor may do the verb to the business's objects of a kind."""
    if isinstance(actor, KeyCaller):
        return actor.business_id == business.pk and _has_scope(actor, verb, rule_for(model))
    if not isinstance(actor, User) or not actor.is_active:
        return False
    if actor.is_superuser:
        return True
    rule = rule_for(model)
    role = roles_of(actor).get(business.pk)
    is_member = role is not None and role in rule.roles.get(verb, frozenset())
    return is_member or _everywhere(actor, verb, rule)


def managed_by(user: User, queryset: QuerySet[M]) -> QuerySet[M]:
    """Return the rows the user may view as a member of their business, or all for a superuser.

    Narrower than `visible_to`: what is public or the user's own as a customer elsewhere is not
    theirs to manage. Raises LookupError for a model without a rule.
    """
    if user.is_superuser:
        return queryset
    rule = rule_for(queryset.model)
    if _everywhere(user, "view", rule):
        return queryset
    return queryset.filter(
        **{f"{rule.business}__in" if rule.business else "pk__in": _businesses(user, "view", rule)}
    )


def may_manage(user: User, verb: str, item: models.Model) -> bool:
    """Say whether the user may do the verb to the object as a member of its business."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    rule = rule_for(type(item))
    return _business_id(rule, item) in _businesses(user, verb, rule) or _everywhere(
        user, verb, rule
    )


def may_manage_some(user: User, verb: str, model: type[models.Model]) -> bool:
    """Say whether the user may do the verb in any business; superusers may where it exists."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    rule = rule_for(model)
    return bool(_businesses(user, verb, rule)) or _everywhere(user, verb, rule)


def _businesses(user: User, verb: str, rule: Rule) -> list[int]:
    allowed = rule.roles.get(verb, frozenset())
    return [business_id for business_id, role in roles_of(user).items() if role in allowed]


def require(actor: Actor, verb: str, item: models.Model) -> None:
    """Raise NotSignedIn for a stranger and Forbidden for anybody else who may not."""
    if can(actor, verb, item):
        return
    if isinstance(actor, User):
        refuse(actor, _business_id(rule_for(type(item)), item))
    raise Forbidden if isinstance(actor, Guest | KeyCaller) else NotSignedIn


def refuse(user: User, business_id: int | None) -> NoReturn:
    """Raise SecondFactorRequired where that is all the member lacks, else Forbidden."""
    raise SecondFactorRequired if business_id in withheld_from(user) else Forbidden


def require_in(actor: Actor, verb: str, model: type[models.Model], business: Business) -> None:
    """Raise NotSignedIn or Forbidden unless `can_in`."""
    if can_in(actor, verb, model, business):
        return
    if isinstance(actor, User):
        refuse(actor, business.pk)
    raise Forbidden if isinstance(actor, Guest | KeyCaller) else NotSignedIn


def fetch(actor: Actor, verb: str, queryset: QuerySet[M], **lookup: Any) -> M:
    """Return the one object; raises NotFound, NotSignedIn or Forbidden."""
    item = queryset.filter(**lookup).first()
    if item is None:
        raise NotFound
    require(actor, verb, item)
    return item


def _may_as_user(user: User, verb: str, item: models.Model, rule: Rule) -> bool:
    role = roles_of(user).get(_business_id(rule, item))
    if role is not None and role in rule.roles.get(verb, frozenset()):
        return True
    is_customers = bool(rule.customer) and verb in rule.customer_verbs
    return is_customers and bool(_follow(item, f"{rule.customer}__id") == user.pk)


def _has_scope(key: KeyCaller, verb: str, rule: Rule) -> bool:
    return rule.key_scopes.get(verb, "") in key.scopes


def _business_id(rule: Rule, item: models.Model) -> Any:
    return _follow(item, f"{rule.business}__id" if rule.business else "pk")


def _is_public(rule: Rule, verb: str, item: models.Model) -> bool:
    if verb != "view" or rule.public is None:
        return False
    return type(item)._default_manager.filter(rule.public(), pk=item.pk).exists()


def _follow(item: Any, path: str) -> Any:
    """Follow a lookup path over loaded or lazily read relations; None ends it."""
    steps = path.split("__")
    while steps and item is not None:
        # The row's own foreign key column answers without reading the other row.
        if steps[1:] == ["id"] and hasattr(item, f"{steps[0]}_id"):
            return getattr(item, f"{steps[0]}_id")
        item = getattr(item, steps.pop(0))
    return item


def register_own() -> None:
    """Register the rules of this app's models."""
    register(
        Rule(
            Business,
            business="",
            roles={
                "view": ALL,
                "change": MANAGERS,
                "manage_members": OWNERS,
                "view_money": MONEY | {Role.AUDITOR},
            },
            public=lambda: Q(is_active=True),
            key_scopes={"view": "catalogue:read"},
        ),
        Rule(
            Contact,
            roles={"view": ALL - {Role.DEVELOPER}, "change": DESK, "erase": MANAGERS},
            customer="user",
        ),
        Rule(
            Membership,
            roles={"view": ALL, "change": OWNERS},
            customer="user",
            customer_verbs=frozenset({"view", "leave"}),
        ),
        Rule(Invitation, roles={"view": MANAGERS | {Role.AUDITOR}, "change": OWNERS}),
        Rule(
            ApiKey,
            roles={"view": OWNERS | {Role.DEVELOPER, Role.AUDITOR}, "manage": OWNERS},
        ),
        Rule(
            Device,
            business="",
            roles={},
            customer="user",
            customer_verbs=frozenset({"view", "end"}),
        ),
    )
