import pytest

from tests.api.conftest import Caller, signed_in, wish
from tests.factories.accounts import UserFactory

ENVELOPE = {"success", "error", "message", "code", "statusCode", "request_id"}


def check(answer, status: int, code: str) -> None:
    body = answer.json()
    assert answer.headers["Content-Type"].startswith("application/json")
    assert (answer.status_code, body["statusCode"], body["code"]) == (status, status, code)
    assert body["success"] is False
    assert set(body) - {"details"} == ENVELOPE
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert body["message"]


@pytest.mark.django_db
@pytest.mark.row("B10")
class TestEveryError:
    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/api/v1/nothing", 404, "NOT_FOUND"),
            ("/api/nothing", 404, "NOT_FOUND"),
            ("/api/v1/", 404, "NOT_FOUND"),
            ("/api/v1/businesses/nobody", 404, "NOT_FOUND"),
            ("/api/v1/bookings/bkg_00000000000000000000000000", 404, "NOT_FOUND"),
            ("/api/v1/bookings/bkg_%00", 404, "NOT_FOUND"),
            ("/api/v1/businesses/%00", 404, "NOT_FOUND"),
            ("/api/v1/me", 401, "NOT_SIGNED_IN"),
            ("/api/v1/bookings", 401, "NOT_SIGNED_IN"),
            ("/api/v1/payments", 401, "NOT_SIGNED_IN"),
            ("/api/v1/businesses?limit=0", 400, "VALIDATION_FAILED"),
            ("/api/v1/businesses?cursor=x", 400, "INVALID_CURSOR"),
            ("/api/v1/bookings/bkg_00000000000000000000000000/cancel", 405, "METHOD_NOT_ALLOWED"),
            ("/api/webhooks/nobody", 404, "NOT_FOUND"),
        ],
    )
    def test_of_a_get_is_the_envelope(self, guest, path, status, code):
        answer = guest.get(path)

        check(answer, status, code)

    def test_names_a_scheme_when_nobody_is_signed_in(self, guest):
        assert guest.get("/api/v1/me").headers["WWW-Authenticate"] == "Session"

    @pytest.mark.parametrize(
        ("body", "type_", "status", "code"),
        [
            ("{", "application/json", 400, "MALFORMED_REQUEST"),
            ("", "application/json", 400, "VALIDATION_FAILED"),
            ("NaN", "application/json", 400, "MALFORMED_REQUEST"),
            ("[" * 100_000, "application/json", 400, "MALFORMED_REQUEST"),
            ('{"a": "\\ud800"}', "application/json", 400, "MALFORMED_REQUEST"),
            (b"\xff\xfe", "application/json", 400, "MALFORMED_REQUEST"),
            ("[]", "application/json", 400, "VALIDATION_FAILED"),
            ("null", "application/json", 400, "VALIDATION_FAILED"),
            ('"text"', "application/json", 400, "VALIDATION_FAILED"),
            ("{}", "application/json", 400, "VALIDATION_FAILED"),
            ("a=1", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
            ("x", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
            ('"' + "x" * 300_000 + '"', "application/json", 413, "PAYLOAD_TOO_LARGE"),
        ],
    )
    def test_of_a_body_is_the_envelope(self, guest, body, type_, status, code):
        answer = guest.http.post(
            "/api/v1/bookings",
            body,
            content_type=type_,
            headers={"Idempotency-Key": "k", "X-Client-Id": guest.client_id},
        )

        check(answer, status, code)

    def test_of_a_format_we_do_not_speak_is_the_envelope(self, guest):
        check(guest.get("/api/v1/businesses", Accept="image/png"), 406, "NOT_ACCEPTABLE")

    def test_of_a_missing_csrf_token_is_the_envelope(self, tier):
        caller = signed_in(UserFactory())
        caller.http.handler.enforce_csrf_checks = True

        check(caller.send("/api/v1/bookings", wish(tier)), 403, "CSRF_FAILED")

    def test_of_a_guest_needs_no_csrf_token(self, tier):
        guest = Caller()
        guest.http.handler.enforce_csrf_checks = True

        assert guest.send("/api/v1/bookings", wish(tier)).status_code == 201

    def test_of_too_many_requests_is_the_envelope(self, guest, settings):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": 2}
        for _ in range(2):
            assert guest.get("/api/v1/businesses").status_code == 200

        answer = guest.get("/api/v1/businesses")

        check(answer, 429, "RATE_LIMITED")
        assert int(answer.headers["Retry-After"]) in range(1, 61)
        assert answer.headers["RateLimit-Remaining"] == "0"

    def test_of_a_fault_tells_nothing_of_the_cause(self, guest, monkeypatch):
        from accounts import api

        def broken(*_, **__):
            raise RuntimeError("password=hunter2")

        monkeypatch.setattr(api, "paginate", broken)
        guest.http.raise_request_exception = False
        answer = guest.get("/api/v1/businesses")

        check(answer, 500, "INTERNAL_ERROR")
        assert "hunter2" not in answer.content.decode()


@pytest.mark.django_db
class TestLimits:
    def test_are_told_with_each_answer(self, guest):
        answer = guest.get("/api/v1/businesses")

        assert answer.headers["RateLimit-Policy"] == '"general";q=60;w=60'
        assert answer.headers["RateLimit"].startswith('"general";r=59;t=')
        assert answer.headers["RateLimit-Limit"] == "60"

    @pytest.mark.row("A17")
    def test_count_payments_apart_and_by_caller(self, guest):
        assert guest.get("/api/v1/payments").headers["RateLimit-Limit"] == "20"
        user = signed_in(UserFactory())
        for _ in range(20):
            assert user.get("/api/v1/payments").status_code == 200

        assert user.get("/api/v1/payments").status_code == 429
        assert user.get("/api/v1/me").status_code == 200
        assert signed_in(UserFactory()).get("/api/v1/payments").status_code == 200

    def test_count_refused_requests_too(self, settings, guest):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": 3}

        assert [guest.get("/api/v1/me").status_code for _ in range(4)] == [401, 401, 401, 429]

    def test_count_guests_by_the_address_behind_a_trusted_proxy(self, settings, guest):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": 1}

        def status(address: str) -> int:
            answer = guest.get("/api/v1/businesses", **{"X-Forwarded-For": address})
            return int(answer.status_code)

        assert [status("198.51.100.1"), status("198.51.100.2"), status("198.51.100.1")] == [
            200,
            200,
            429,
        ]
