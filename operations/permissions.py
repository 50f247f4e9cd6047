"""Who may do what, as a page written from the access rules themselves."""

from typing import Final

from accounts.models import Role
from accounts.models.platform import GROUP_ROLES
from accounts.policy import Rule, rules

_HEAD: Final = """\
# Who may do what

Written from the access rules (`accounts/policy.py` and each app's `policy.py`) by
`manage.py permissions > docs/permissions.md`; a test holds both equal. Every door asks these
rules: pages, admin, API and sockets. A missing object answers 404, another's 403, and nobody
signed in 401 (pages lead to the sign-in).

- A **member** has one role in a business. The last owner can neither leave nor be made less.
- **Platform staff** have the role their group is named after, in every business, while their
  account may open the admin: {groups}.
- **Superusers** may do everything. Objects without a rule, such as accounts, are theirs alone.
- A **customer** (the account, or a guest with the signed link of the object) has the verbs of the
  last columns on their own objects only.
- The admin, where somebody may open it at all, asks for a second factor besides.

"""


def _row(rule: Rule, verb: str) -> str:
    allowed = rule.roles.get(verb, frozenset())
    cells = ["x" if role in allowed else "" for role in Role]
    is_customers = bool(rule.customer) and verb in rule.customer_verbs
    is_guests = bool(rule.guest) and verb in rule.customer_verbs
    everybody = bool(rule.public) and verb == "view"
    cells += ["x" if flag else "" for flag in (is_customers, is_guests, everybody)]
    return f"| {rule.model._meta.label} | {verb} | " + " | ".join(cells) + " |"


def page() -> str:
    """Return the whole page."""
    groups = ", ".join(str(group.label) for group in GROUP_ROLES)
    names = [role.value.replace("_", " ") for role in Role]
    heads = ["object", "verb", *names, "customer", "guest", "anybody"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for rule in sorted(rules(), key=lambda item: item.model._meta.label):
        verbs = list(rule.roles)
        if rule.customer:
            verbs += sorted(rule.customer_verbs - set(verbs))
        lines += [_row(rule, verb) for verb in verbs]
    return _HEAD.format(groups=groups) + "\n".join(lines)
