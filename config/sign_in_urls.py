"""Where Discord, Google and GitHub are asked who somebody is; part of the base settings.

Names are those of allauth's adapters' attributes. Sources: Discord "OAuth2", Google "OAuth 2.0 for
Web Server Applications", GitHub "Authorizing OAuth apps" and "GitHub Enterprise Server: /api/v3".
"""

from urllib.parse import urlsplit

Addresses = dict[str, str]


def discord(api_base: str) -> Addresses:
    """Return Discord's addresses below the base of its API; people go to the same host."""
    parts = urlsplit(api_base)
    return {
        "authorize_url": f"{parts.scheme}://{parts.netloc}/oauth2/authorize",
        "access_token_url": f"{api_base}/oauth2/token",
        "profile_url": f"{api_base}/users/@me",
    }


def google(base: str) -> Addresses:
    """Return Google's addresses, or the same paths below another base."""
    return {
        "authorize_url": f"{base or 'https://accounts.google.com'}/o/oauth2/v2/auth",
        "access_token_url": f"{base or 'https://oauth2.googleapis.com'}/token",
        "identity_url": f"{base or 'https://www.googleapis.com'}/oauth2/v2/userinfo",
    }


def github(base: str) -> Addresses:
    """Return GitHub's addresses, or those of a GitHub Enterprise Server at another base."""
    web = base or "https://github.com"
    api = f"{base}/api/v3" if base else "https://api.github.com"
    return {
        "authorize_url": f"{web}/login/oauth/authorize",
        "access_token_url": f"{web}/login/oauth/access_token",
        "profile_url": f"{api}/user",
        "emails_url": f"{api}/user/emails",
    }


def origin(address: str) -> str:
    """Return scheme and host of an address, as browser policies name them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
