import pytest
from django.core import mail
from django.urls import reverse
from django.utils.translation import override

from tests.factories.accounts import UserFactory

PASSWORD = "quiet-harbour-lamp-77"


@pytest.mark.django_db
class TestAccountMails:
    def test_a_new_account_is_asked_to_confirm_with_one_button(self, client):
        client.post(
            reverse("account_signup"), {"email": "new@customers.test", "password1": PASSWORD}
        )

        sent = mail.outbox[0]
        assert isinstance(sent, mail.EmailMultiAlternatives)
        page, kind = sent.alternatives[0]
        assert isinstance(page, str)
        assert sent.subject == "Confirm your email address"
        assert kind == "text/html"
        assert page.count('class="button"') == 1
        assert "/account/auth/confirm-email/" in page
        assert "/account/auth/confirm-email/" in sent.body

    def test_a_forgotten_password_is_told_in_the_readers_language(self, client):
        UserFactory(email="old@customers.test")

        with override("vi"):
            client.post(
                reverse("account_reset_password"),
                {"email": "old@customers.test"},
                headers={"accept-language": "vi"},
            )

        assert mail.outbox[0].subject == "Chọn mật khẩu mới"
        assert "/account/auth/password/reset/key/" in mail.outbox[0].body
