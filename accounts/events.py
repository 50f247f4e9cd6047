"""Facts about people and businesses."""

from typing_extensions import TypedDict

from accounts.models import Business, Contact, User
from events.types import EventType, NewEvent


class BusinessData(TypedDict):
    """A business's public profile."""

    id: str
    slug: str
    name: str
    timezone: str
    currency: str
    version: int


class ContactData(TypedDict):
    """A customer, without contact details: recipients are looked up when sending."""

    id: str
    name: str
    has_account: bool


class UserData(TypedDict):
    """An account; its address and name are looked up when sending."""

    id: str


class RegisteredData(UserData):
    """A new account and the language it was made in."""

    locale: str


class SecurityChangeData(TypedDict):
    """What changed about how an account is signed in to, in a word or two."""

    id: str
    change: str


_BUSINESS_SAMPLE: BusinessData = {
    "id": "biz_01kac3w1v5h0e8y2r7m4q9t6zd",
    "slug": "lotus-spa",
    "name": "Lotus Spa",
    "timezone": "Asia/Ho_Chi_Minh",
    "currency": "VND",
    "version": 3,
}
_CONTACT_SAMPLE: ContactData = {
    "id": "ctc_01kac3w1v5h0e8y2r7m4q9t6zd",
    "name": "Nguyễn Thị Minh Khai",
    "has_account": False,
}

BUSINESS_CREATED = EventType(
    "business.created", BusinessData, "A business was set up.", _BUSINESS_SAMPLE
)
BUSINESS_OPENED = EventType(
    "business.opened", BusinessData, "A business opened its page to customers.", _BUSINESS_SAMPLE
)
BUSINESS_UPDATED = EventType(
    "business.updated", BusinessData, "A business's profile or rules changed.", _BUSINESS_SAMPLE
)
CONTACT_CLAIMED = EventType(
    "contact.claimed",
    ContactData,
    "A customer signed up with the verified address a business knew them by.",
    _CONTACT_SAMPLE,
)
USER_SESSIONS_ENDED = EventType(
    "user.sessions_ended",
    UserData,
    "Sessions of an account ended from outside: its password changed, it was locked or erased, or "
    "staff ended them or removed its second factor.",
    {"id": "usr_01kac3w1v5h0e8y2r7m4q9t6zd"},
    is_public=False,
)
USER_SECURITY_CHANGED = EventType(
    "user.security_changed",
    SecurityChangeData,
    "A password, a second factor or a connected account changed; its owner is told by mail.",
    {"id": "usr_01kac3w1v5h0e8y2r7m4q9t6zd", "change": "password_changed"},
    is_public=False,
)
USER_REGISTERED = EventType(
    "user.registered",
    RegisteredData,
    "Somebody signed up and proved their address.",
    {"id": "usr_01kac3w1v5h0e8y2r7m4q9t6zd", "locale": "vi"},
    is_public=False,
)
TYPES = (
    BUSINESS_CREATED,
    BUSINESS_OPENED,
    BUSINESS_UPDATED,
    CONTACT_CLAIMED,
    USER_REGISTERED,
    USER_SECURITY_CHANGED,
    USER_SESSIONS_ENDED,
)


def business_payload(business: Business) -> BusinessData:
    """Return the public facts of a business."""
    return {
        "id": business.public_id,
        "slug": business.slug,
        "name": business.name,
        "timezone": business.timezone,
        "currency": business.currency,
        "version": business.version,
    }


def contact_payload(contact: Contact) -> ContactData:
    """Return the facts of a customer that may leave the product."""
    return {
        "id": contact.public_id,
        "name": contact.name,
        "has_account": contact.user_id is not None,
    }


def business_created(business: Business, *, actor: str) -> NewEvent:
    """Return the fact that the business was set up."""
    return NewEvent(
        BUSINESS_CREATED, business.public_id, business.public_id, business_payload(business), actor
    )


def business_opened(business: Business, *, actor: str) -> NewEvent:
    """Return the fact that customers may come."""
    return NewEvent(
        BUSINESS_OPENED, business.public_id, business.public_id, business_payload(business), actor
    )


def business_updated(business: Business, *, actor: str) -> NewEvent:
    """Return the fact that the profile changed."""
    return NewEvent(
        BUSINESS_UPDATED, business.public_id, business.public_id, business_payload(business), actor
    )


def user_sessions_ended(user: User, *, actor: str) -> NewEvent:
    """Return the fact that sessions of the account ended."""
    return NewEvent(USER_SESSIONS_ENDED, "", user.public_id, {"id": user.public_id}, actor)


def user_security_changed(user: User, *, change: str, actor: str) -> NewEvent:
    """Return the fact that how the account is signed in to changed."""
    data: SecurityChangeData = {"id": user.public_id, "change": change}
    return NewEvent(USER_SECURITY_CHANGED, "", user.public_id, data, actor)


def contact_claimed(contact: Contact, *, actor: str) -> NewEvent:
    """Return the fact that the customer now has an account."""
    return NewEvent(
        CONTACT_CLAIMED,
        contact.business.public_id,
        contact.public_id,
        contact_payload(contact),
        actor,
    )


def user_registered(user: User) -> NewEvent:
    """Return the fact that somebody signed up; it is of no business."""
    data: RegisteredData = {"id": user.public_id, "locale": user.locale}
    return NewEvent(USER_REGISTERED, "", user.public_id, data, user.public_id)
