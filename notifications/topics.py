"""What people are told about: a registry of topics, filled in `apps.py: ready()`.

A topic's class decides what may hold it back; its channels are those used without a preference.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class TopicClass(StrEnum):
    """Security and transactional messages ignore opting out; marketing needs opting in."""

    SECURITY = "security"
    TRANSACTIONAL = "transactional"
    OPERATIONAL = "operational"
    PRODUCT = "product"
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of news. A message older than `keep_for` is not sent any more."""

    name: str
    topic_class: TopicClass
    channels: tuple[str, ...]
    keep_for: dt.timedelta = dt.timedelta(days=2)


_topics: dict[str, Topic] = {}


def register(*topics: Topic) -> None:
    """Add topics; the same again changes nothing, another of the name raises ValueError."""
    for topic in topics:
        if _topics.setdefault(topic.name, topic) != topic:
            message = f"a topic named {topic.name} is registered already"
            raise ValueError(message)


def get(name: str) -> Topic:
    """Return the topic; raises KeyError."""
    return _topics[name]
