import pytest
from django.test import RequestFactory

from common.client_address import client_address, network_key, resolve_client_address

PROXIES = ["10.0.0.0/8", "2001:db8:1::1", "192.0.2.7"]


class TestClientAddress:
    @pytest.mark.parametrize(
        ("remote", "forwarded", "expected"),
        [
            ("203.0.113.9", "", "203.0.113.9"),
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
            ("10.1.2.3", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
            ("10.1.2.3", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
            ("10.1.2.3", "10.7.7.7, 10.9.9.9", "10.7.7.7"),
            ("10.1.2.3", "unknown", "10.1.2.3"),
            ("10.1.2.3", "198.51.100.1, <script>", "10.1.2.3"),
            ("10.1.2.3", "198.51.100.1:4711", "198.51.100.1"),
            ("10.1.2.3", "[2001:db8:5::9]:4711", "2001:db8:5::9"),
            ("::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"),
            ("2001:db8:1::1", "2001:db8:9::1", "2001:db8:9::1"),
            ("192.0.2.7", "", "192.0.2.7"),
            ("", "198.51.100.1", ""),
        ],
    )
    def test_believes_a_forwarded_hop_only_as_far_as_proxies_vouch(
        self, remote, forwarded, expected
    ):
        found = resolve_client_address(remote=remote, forwarded=forwarded, trusted=PROXIES)

        assert found == expected

    def test_reads_the_configured_proxies(self, settings):
        request = RequestFactory().get(
            "/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="198.51.100.1"
        )

        settings.TRUSTED_PROXIES = []
        assert client_address(request) == "192.0.2.7"
        settings.TRUSTED_PROXIES = ["192.0.2.7"]
        assert client_address(request) == "198.51.100.1"


class TestNetworkKey:
    def test_counts_an_ipv6_caller_by_the_network_it_owns(self):
        assert network_key("2001:db8:1:2:aaaa::1") == network_key("2001:db8:1:2:bbbb::2")
        assert network_key("2001:db8:1:3::1") != network_key("2001:db8:1:2::1")

    def test_counts_an_ipv4_caller_by_its_address(self):
        assert network_key("198.51.100.1") == "198.51.100.1"
