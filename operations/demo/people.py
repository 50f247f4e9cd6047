"""Who signs in to the demo."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts import actions
from accounts.models import Business, PlatformMember, Role, Staff, User
from accounts.otp import enroll_totp
from accounts.team import actions as team

PASSWORD = "a-day-at-the-front-desk"  # noqa: S105  published on purpose, for demo data only
INVITED = "moi@frontdesk.test"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  likewise


@dataclass(frozen=True, slots=True)
class Person:
    """A demo account: what it shows, and whether it may open the admin."""

    email: str
    name: str
    shows: str
    role: Role | None = None
    business: str = ""
    title: str = ""
    is_superuser: bool = False
    platform: PlatformMember.Group | None = None
    locale: str = "en"
    timezone: str = ""


ADMIN = Person("admin@frontdesk.test", "Ada Admin", "everything, in the admin", is_superuser=True)
CUSTOMER = Person(
    "lan@frontdesk.test",
    "Nguyễn Thị Lan",
    "a customer's own bookings and payments",
    locale="vi",
    timezone="Asia/Ho_Chi_Minh",
)
PEOPLE = (
    ADMIN,
    Person(
        "owner@frontdesk.test",
        "Trần Minh Khai",
        "the owner of Lotus Spa: dashboard and admin",
        Role.OWNER,
        "lotus-spa",
        "Massage therapist",
        locale="vi",
    ),
    Person(
        "desk@frontdesk.test",
        "Phạm Thu Hà",
        "the front desk of Lotus Spa, in the admin",
        Role.FRONT_DESK,
        "lotus-spa",
        "Facialist",
        locale="vi",
    ),
    *(
        Person(f"{role.value}@frontdesk.test", name, shows, role, "lotus-spa", locale="vi")
        for role, name, shows in (
            (Role.MANAGER, "Lê Quang Huy", "the manager of Lotus Spa"),
            (Role.FINANCE, "Đỗ Mai Chi", "the books of Lotus Spa: payments and refunds"),
            (Role.SUPPORT, "Bùi Gia Hân", "answers customers of Lotus Spa"),
            (Role.DEVELOPER, "Vũ Đức Long", "connects programs to Lotus Spa; no customers"),
            (Role.AUDITOR, "Hoàng Kim Ngân", "looks at Lotus Spa and changes nothing"),
        )
    ),
    Person(
        "platform@frontdesk.test",
        "Robin Platz",
        "platform support: every business, in the admin",
        platform=PlatformMember.Group.SUPPORT,
    ),
    Person(
        "sam@frontdesk.test",
        "Sam Baker",
        "the owner of Baker & Sons Plumbing",
        Role.OWNER,
        "baker-and-sons",
        "Plumber",
    ),
    Person(
        "noor@frontdesk.test",
        "Noor Haddad",
        "the owner of Northwind Yoga: group sessions",
        Role.OWNER,
        "northwind-yoga",
        "Teacher",
    ),
    CUSTOMER,
)


def create_people() -> dict[str, User]:
    """Make the demo accounts, all with one password hash, since making one takes a second."""
    hashed, users = make_password(PASSWORD), {}
    for person in PEOPLE:
        user = User.objects.create(
            email=person.email,
            full_name=person.name,
            password=hashed,
            locale=person.locale,
            timezone=person.timezone,
            is_staff=person.role is not None or person.is_superuser or person.platform is not None,
            is_superuser=person.is_superuser,
        )
        user.keep_password(PASSWORD)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        if user.is_staff:
            enroll_totp(user=user, secret=TOTP_SECRET)
        if person.platform is not None:
            PlatformMember.objects.create(user=user, group=person.platform)
        users[person.email] = user
    return users


def create_members(users: dict[str, User], businesses: dict[str, Business]) -> dict[str, Staff]:
    """Give people their place in the businesses; returns the working profiles by address.

    One more is invited and has not answered.
    """
    profiles = {}
    for person in PEOPLE:
        if person.role is None:
            continue
        user = users[person.email]
        if person.role is not Role.OWNER:
            actions.add_member(
                business=businesses[person.business], user=user, role=person.role, actor="demo"
            )
        profiles[person.email] = Staff.objects.create(
            user=user, display_name=person.name, title=person.title
        )
    team.invite(
        business=businesses["lotus-spa"],
        email=INVITED,
        role=Role.FRONT_DESK,
        inviter=users["owner@frontdesk.test"],
    )
    return profiles
