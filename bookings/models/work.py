"""The work and the talk around a booking."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.booking import Booking
from bookings.models.catalogue import TaskTemplate
from common.ids import PublicIdField


class Task(models.Model):
    """Something staff do for a booking."""

    class Status(models.TextChoices):
        """Open until done; canceled with the booking."""

        OPEN = "open", _("open")
        DONE = "done", _("done")
        CANCELED = "canceled", _("canceled")

    public_id = PublicIdField(prefix="tsk")
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="tasks")
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="tasks")
    template = models.ForeignKey(
        TaskTemplate, models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    title = models.CharField(_("task"), max_length=160)
    role = models.CharField(_("role"), max_length=60, blank=True)
    assignee = models.ForeignKey(
        "accounts.Staff", models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.CharField(_("done by"), max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A template gives a booking one task, however often the booking is confirmed."""

        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(fields=["booking", "template"], name="task_template_once"),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(done_at__isnull=False), name="task_done_paired"
            ),
        ]
        indexes = [
            models.Index(
                fields=["business", "due_at", "id"], name="task_open", condition=Q(status="open")
            )
        ]

    def __str__(self) -> str:
        """Show the task."""
        return self.title


class ConversationMessage(models.Model):
    """One message between the customer and staff about a booking."""

    class Side(models.TextChoices):
        """Who speaks."""

        CUSTOMER = "customer", _("customer")
        BUSINESS = "business", _("business")

    public_id = PublicIdField(prefix="msg")
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="messages")
    side = models.CharField(max_length=8, choices=Side)
    author = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    author_name = models.CharField(_("name"), max_length=150)
    body = models.TextField(_("message"), max_length=4000)
    created_at = models.DateTimeField(_("sent"))

    class Meta:
        """Read by booking, in order."""

        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]
        indexes = [models.Index(fields=["booking", "id"], name="message_booking")]

    def __str__(self) -> str:
        """Show who wrote."""
        return self.author_name
