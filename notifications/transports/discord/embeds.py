"""A letter as a Discord embed.

Limits: Discord's documentation, "Embed limits" and "Execute Webhook": title 256, description 4096,
25 fields of 256 and 1024, footer 2048, 6000 characters over all. Length counts UTF-16 code units.
"""

from typing import Any

from notifications.letters.base import Letter
from notifications.transports.base import Message

_COLOURS = {"neutral": 0x5865F2, "good": 0x2F9E6E, "attention": 0xD98E04, "bad": 0xD64545}
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\*_~`|>[]()#-"})
_TOTAL = 6000
_SHORT = 40


def cut(text: str, limit: int) -> str:
    """Return the text within the limit, ending with an ellipsis when something was left off."""
    if _length(text) <= limit:
        return text
    while _length(text) > limit - 1:
        text = text[:-1]
    return f"{text.rstrip(chr(92))}…"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def escaped(text: str) -> str:
    """Return the text without effect as markdown, so that a name cannot draw a link."""
    return text.translate(_MARKDOWN)


def payload(message: Message) -> dict[str, Any]:
    """Return the body of the webhook call; nobody is ever mentioned."""
    embed = _embed(message, message.letter)
    while _size(embed) > _TOTAL and embed["fields"]:
        embed["fields"].pop()
    return {
        "username": cut(message.brand.name or "Frontdesk", 80),
        "embeds": [embed],
        "allowed_mentions": {"parse": []},
    }


def _embed(message: Message, letter: Letter) -> dict[str, Any]:
    embed: dict[str, Any] = {
        "title": cut(letter.title, 256),
        "description": cut(
            "\n".join(filter(None, (escaped(letter.lead), escaped(letter.note)))), 4096
        ),
        "color": _COLOURS[letter.tone],
        "fields": [
            {
                "name": cut(label, 256),
                "value": cut(escaped(value) or "-", 1024),
                "inline": len(value) <= _SHORT,
            }
            for label, value in letter.rows[:25]
        ],
        "footer": {"text": cut(f"{message.brand.name} · {message.subject}", 2048)},
        "timestamp": message.happened_at.isoformat(),
    }
    if letter.button and letter.button[1].startswith("http"):
        embed["url"] = letter.button[1]
    return embed


def _size(embed: dict[str, Any]) -> int:
    fields = sum(_length(f["name"]) + _length(f["value"]) for f in embed["fields"])
    footer = _length(embed["footer"]["text"])
    return _length(embed["title"]) + _length(embed["description"]) + footer + fields
