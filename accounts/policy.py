"""Who may do what. Every door asks here, whichever way the object was found.

A rule is registered per model by the app that owns it. Rows: `visible_to(actor, queryset)`.
Verbs: `can(actor, verb, object)`. Both: `fetch(...)`, which answers 404 for a missing object, 401
for a stranger and 403 for another's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import ApiKey, Business, Contact, Device, Membership, Role, User
from common.errors import Forbidden, NotFound, NotSignedIn

M = TypeVar("M", bound=models.Model)

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
    """Return the user's roles by business row id; read once per user object."""
    cached: dict[int, Role] | None = user.__dict__.get("_roles_by_business")
    if cached is None:
        rows = Membership.objects.filter(user=user).values_list("business_id", "role")
        cached = {business_id: Role(role) for business_id, role in rows}
        user.__dict__["_roles_by_business"] = cached
    return cached


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
    if isinstance(actor, KeyCaller):
        if _has_scope(actor, "view", rule):
            allowed |= Q(**{rule.business or "pk": actor.business_id})
        return queryset.filter(allowed)
    if not isinstance(actor, User):
        return queryset.filter(allowed)
    if actor.is_superuser:
        return queryset
    businesses = [
        business_id
        for business_id, role in roles_of(actor).items()
        if role in rule.roles.get("view", frozenset())
    ]
    if businesses:
        path = f"{rule.business}__in" if rule.business else "pk__in"
        allowed |= Q(**{path: businesses})
    if rule.customer:
        allowed |= Q(**{rule.customer: actor.pk})
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
    if actor.is_superuser:
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
    role = roles_of(actor).get(business.pk)
    return role is not None and role in rule_for(model).roles.get(verb, frozenset())


def managed_by(user: User, queryset: QuerySet[M]) -> QuerySet[M]:
    """Return the rows the user may view as a member of their business, or all for a superuser.

    Narrower than `visible_to`: what is public or the user's own as a customer elsewhere is not
    theirs to manage. Raises LookupError for a model without a rule.
    """
    if user.is_superuser:
        return queryset
    rule = rule_for(queryset.model)
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
    return _business_id(rule, item) in _businesses(user, verb, rule)


def may_manage_some(user: User, verb: str, model: type[models.Model]) -> bool:
    """Say whether the user may do the verb in any business; superusers may where it exists."""
    if not user.is_active:
        return False
    return user.is_superuser or bool(_businesses(user, verb, rule_for(model)))


def _businesses(user: User, verb: str, rule: Rule) -> list[int]:
    allowed = rule.roles.get(verb, frozenset())
    return [business_id for business_id, role in roles_of(user).items() if role in allowed]


def require(actor: Actor, verb: str, item: models.Model) -> None:
    """Raise NotSignedIn for a stranger and Forbidden for anybody else who may not."""
    if can(actor, verb, item):
        return
    raise Forbidden if isinstance(actor, User | Guest | KeyCaller) else NotSignedIn


def require_in(actor: Actor, verb: str, model: type[models.Model], business: Business) -> None:
    """Raise NotSignedIn or Forbidden unless `can_in`."""
    if not can_in(actor, verb, model, business):
        raise Forbidden if isinstance(actor, User | Guest | KeyCaller) else NotSignedIn


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
            roles={"view": ALL - {Role.DEVELOPER}, "change": DESK},
            customer="user",
        ),
        Rule(Membership, roles={"view": ALL, "change": OWNERS}, customer="user"),
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
