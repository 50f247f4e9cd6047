"""Log lines: JSON, with the request id, without secrets whatever name they go by."""

import json
import logging

import pytest

from common import context
from common.logging import MASK, JsonFormatter, redact


@pytest.mark.row("C11")
class TestRedaction:
    @pytest.mark.parametrize(
        "key", ["password", "api_key", "Authorization", "client_secret", "email", "phone"]
    )
    def test_masks_by_key_name_at_any_depth(self, key) -> None:
        assert redact({"a": [{key: "value"}]}) == {"a": [{key: MASK}]}

    @pytest.mark.parametrize(
        "text",
        [
            "Bearer abcdefgh12345678",
            "sk_live_51H8abcdefgh",
            "whsec_abcdefgh1234",
            "fd_live_abcdefgh1234",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
            "lan@example.com",
            "4242 4242 4242 4242",
        ],
    )
    def test_masks_by_value_wherever_it_stands(self, text) -> None:
        assert redact(f"before {text} after") == f"before {MASK} after"

    def test_masks_the_password_in_an_address(self) -> None:
        assert "hunter2" not in redact("postgres://app:hunter2@db/frontdesk")

    def test_leaves_ids_amounts_and_times(self) -> None:
        line = {"booking": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd", "amount_minor": 300000}

        assert redact(line) == line


class TestJsonFormatter:
    def test_writes_one_object_with_the_request_id_and_no_secrets(self) -> None:
        record = logging.LogRecord("a.b", logging.INFO, "", 1, "signed in %s", ("x@y.test",), None)
        record.password = "hunter2"
        token = context.request_id.set("req-12345")
        try:
            line = json.loads(JsonFormatter().format(record))
        finally:
            context.request_id.reset(token)

        assert line["request_id"] == "req-12345"
        assert line["message"] == f"signed in {MASK}"
        assert line["password"] == MASK
        assert (line["level"], line["logger"]) == ("INFO", "a.b")
