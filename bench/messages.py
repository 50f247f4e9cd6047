"""Ready-made HTTP requests."""

from collections.abc import Mapping

import orjson


def http(
    method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """Return the bytes of a keep-alive request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def post_json(path: str, value: object, *, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a POST of a JSON body."""
    return http(
        "POST",
        path,
        body=orjson.dumps(value),
        headers={"Content-Type": "application/json", **(headers or {})},
    )
