"""Telling people what happened: messages, feed, open pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Registers topics, transports, reactions, rooms and the kind of work."""

    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Fill the registries."""
        from accounts import presence as people
        from accounts.devices.tokens import user_of_access_token
        from accounts.privacy import holders
        from events import registry
        from notifications import catalogue, delivery, personal_data, policy, reactions, topics
        from notifications import events as notification_events
        from notifications.realtime import identity, rooms
        from notifications.realtime.presence import PresenceReader
        from notifications.transports import registry as transports
        from notifications.transports.discord.transport import DiscordTransport
        from notifications.transports.email.transport import EmailTransport
        from notifications.transports.in_app.transport import InAppTransport
        from notifications.transports.sms_log.transport import SmsLogTransport

        registry.add_types(*notification_events.TYPES)
        registry.add_reactions(
            reactions.push, reactions.notify, reactions.end_sockets, reactions.recheck
        )
        registry.add_kind(delivery.KIND)
        topics.register(*catalogue.TOPICS)
        transports.register("email", EmailTransport)
        transports.register("discord", DiscordTransport)
        transports.register("in_app", InAppTransport)
        transports.register("sms", SmsLogTransport)
        rooms.register_own()
        identity.register_token_reader(user_of_access_token)
        identity.register_token_reader(identity.read_session_token)
        policy.register_own()
        holders.register(personal_data.HOLDER)
        people.register(PresenceReader())
