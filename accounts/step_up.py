"""Step-up: what changes how an account or a business is opened asks who is there once more.

Somebody counts as there for settings.ACCOUNT_REAUTHENTICATION_TIMEOUT seconds after they confirmed
their password, a code or a passkey in this session.
"""

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest


@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]  # allauth ships no types
def require(request: HttpRequest) -> None:
    """Return for somebody who confirmed lately; the middleware sends others to confirm, and back.

    A form posted meanwhile is kept and sent on. Raises allauth's ReauthenticationRequired.
    """
