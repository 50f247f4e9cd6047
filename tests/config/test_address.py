import pytest

from config.launcher.address import Address
from config.launcher.errors import CannotStart


class TestAddress:
    def test_defaults_to_this_machine_alone(self):
        address = Address.from_environment({})

        assert address == Address(host="127.0.0.1", port=8000, realtime_port=8001)
        assert address.site_url == "http://127.0.0.1:8000"
        assert address.realtime_url == "ws://127.0.0.1:8001"

    @pytest.mark.parametrize(
        ("host", "url"),
        [
            ("0.0.0.0", "http://127.0.0.1:9000"),  # noqa: S104  a value, not a socket
            ("::", "http://[::1]:9000"),
            ("desk.example.test", "http://desk.example.test:9000"),
        ],
    )
    def test_names_a_host_a_browser_can_open(self, host, url):
        assert Address.from_environment({"HOST": host, "PORT": "9000"}).site_url == url

    def test_refuses_one_port_for_both(self):
        address = Address.from_environment({"PORT": "9000", "REALTIME_PORT": "9000"})

        with pytest.raises(CannotStart, match="must differ"):
            address.check_free()

    @pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
    def test_refuses_a_host_of_another_machine(self, host):
        address = Address(host=host, port=18000, realtime_port=18001)

        with pytest.raises(CannotStart, match="is not an address of this machine"):
            address.check_free()

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "8000x"])
    def test_refuses_what_is_no_port(self, port):
        with pytest.raises(CannotStart, match="PORT must be a number from 1 to 65535"):
            Address.from_environment({"PORT": port})
