"""What the endpoints read, checked for form only; rules are the actions'."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.fields_api import PublicIdInput, TextField
from common.serializers import InputSerializer, PageQuery
from payments.models import Payment


@extend_schema_field({"type": "string", "maxLength": 500, "examples": ["/account/"]})
class ReturnAddressField(serializers.CharField):
    """Where the customer comes back to: a path of ours, or an address at an allowed origin."""

    default_error_messages = {"origin": _("Give a path of this site, or an allowed origin.")}

    def to_internal_value(self, data: object) -> str:
        """Return the whole address; refuse any other origin."""
        address: str = super().to_internal_value(data)  # type: ignore[arg-type]  # checked there
        if not address:
            return ""
        if address.startswith("/") and not address.startswith(("//", "/\\")):
            return settings.SITE_URL + address
        try:
            parts = urlsplit(address)
        except ValueError:
            self.fail("origin")
        allowed = {settings.SITE_URL, *settings.CORS_ALLOWED_ORIGINS}
        if "\\" in address or f"{parts.scheme}://{parts.netloc}" not in allowed:
            self.fail("origin")
        return address


class PaymentInput(InputSerializer):
    """What to pay, and how."""

    booking = PublicIdInput("bkg", help_text="What is paid for.")
    purpose = serializers.ChoiceField(
        Payment.Purpose.choices,
        required=False,
        default=Payment.Purpose.DEPOSIT,
        help_text="Which part of the price; the amount follows from the booking.",
    )
    gateway = serializers.RegexField(
        r"^[a-z0-9_]{1,32}$",
        required=False,
        default="",
        help_text="Left out: the business's first.",
    )
    flow = serializers.ChoiceField(
        Payment.Flow.choices,
        required=False,
        default="",
        help_text="`embedded` answers a client_secret, `hosted` a checkout_url.",
    )
    return_url = ReturnAddressField(required=False, default="", allow_blank=True, max_length=500)


class PaymentListQuery(PageQuery):
    """The query of the list of payments."""

    business = PublicIdInput("biz", required=False, default="", help_text="Of one business.")
    booking = PublicIdInput("bkg", required=False, default="", help_text="For one booking.")
    status = serializers.ChoiceField(
        Payment.Status.choices, required=False, default="", help_text="In one state."
    )


class RefundInput(InputSerializer):
    """What goes back."""

    payment = PublicIdInput("pay", help_text="The payment to refund.")
    amount_minor = serializers.IntegerField(
        required=False,
        default=None,
        min_value=1,
        max_value=10**15,
        help_text="In minor units of the payment's currency; left out: all that is left.",
    )
    reason = TextField(max_length=200, help_text="For the records and the customer.")


class TokenQuery(InputSerializer):
    """The query of one object a guest may open."""

    token = serializers.CharField(
        required=False,
        default="",
        max_length=512,
        help_text="A guest's token, where a header cannot be sent.",
    )
