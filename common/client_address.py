"""The caller's network address, believed only as far as configured proxies vouch for it.

`X-Forwarded-For` is a list each proxy appends to, so it is read from the right: every hop that is
itself a trusted proxy is skipped and the first one that is not is the caller. Whatever stands
further left was written by the caller and means nothing.
"""

import functools
import ipaddress
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOPS = 32


@functools.lru_cache(maxsize=8)
def _networks(entries: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(entry, strict=False) for entry in entries)


def parse_address(text: str) -> Address | None:
    """Return the address without port, brackets, zone or IPv4-in-IPv6 wrapping, if it is one."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@functools.lru_cache(maxsize=4096)
def _known(remote: str) -> Address | None:
    """Parse a connection's peer once: the same few addresses come again and again."""
    return parse_address(remote)


def resolve_client_address(*, remote: str, forwarded: str, trusted: Sequence[str]) -> str:
    """Return the caller's address; empty when the connection has none (a unix socket).

    `remote` is the connection's peer, `forwarded` the X-Forwarded-For header, `trusted` the
    addresses and networks of proxies. A hop that is no address ends the walk at the hop before.
    """
    peer = _known(remote)
    if peer is None:
        return ""
    if not forwarded or not trusted:
        return str(peer)
    networks = _networks(tuple(trusted))
    found = peer
    for hop in reversed(forwarded.split(",")[-_HOPS:]):
        if not any(found in network for network in networks):
            break
        address = parse_address(hop)
        if address is None:
            break
        found = address
    return str(found)


def client_address(request: HttpRequest) -> str:
    """Return the caller's address by settings.TRUSTED_PROXIES."""
    return resolve_client_address(
        remote=request.META.get("REMOTE_ADDR", ""),
        forwarded=request.META.get("HTTP_X_FORWARDED_FOR", ""),
        trusted=settings.TRUSTED_PROXIES,
    )


@functools.lru_cache(maxsize=4096)
def network_key(address: str) -> str:
    """Return what limits count by: an IPv4 address, or the /64 an IPv6 caller owns whole."""
    parsed = parse_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed) if parsed else "unknown"
