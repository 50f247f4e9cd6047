import pytest

from config.launcher.dotenv import with_dotenv
from config.launcher.errors import CannotStart


class TestWithDotenv:
    def test_completes_the_environment_which_wins(self, tmp_path):
        path = tmp_path / ".env"
        path.write_text(
            "# local\nPORT=9000\nexport HOST=0.0.0.0\n"
            "DEFAULT_FROM_EMAIL='Desk <desk@example.test>'\nEMPTY=\n"
        )

        assert with_dotenv({"PORT": "7000"}, path) == {
            "PORT": "7000",
            "HOST": "0.0.0.0",  # noqa: S104  a value, not a socket
            "DEFAULT_FROM_EMAIL": "Desk <desk@example.test>",
            "EMPTY": "",
        }

    def test_needs_no_file(self, tmp_path):
        assert with_dotenv({"A": "1"}, tmp_path / ".env") == {"A": "1"}

    def test_names_the_line_it_cannot_read(self, tmp_path):
        path = tmp_path / ".env"
        path.write_text("PORT=9000\nnot a setting\n")

        with pytest.raises(CannotStart, match=r"\.env, line 2: expected NAME=value"):
            with_dotenv({}, path)
