"""The passwords an account had, as values that only this server can compare."""

from django.db import models

from accounts.models.user import User


class UsedPassword(models.Model):
    """One password an account had; `mark` comes from accounts.passwords."""

    user = models.ForeignKey(User, models.CASCADE, related_name="used_passwords")
    mark = models.CharField(max_length=64, editable=False)
    set_at = models.DateTimeField()

    class Meta:
        """Each password once, the newest first."""

        verbose_name = "used password"
        verbose_name_plural = "used passwords"
        constraints = [
            models.UniqueConstraint(fields=["user", "mark"], name="used_password_unique")
        ]
        indexes = [models.Index(fields=["user", "-set_at"], name="used_password_newest")]

    def __str__(self) -> str:
        """Show whose it was."""
        return f"{self.user_id}"
