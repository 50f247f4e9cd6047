"""The account somebody signs in with, and the profile of those who work."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from common.ids import PublicIdField
from common.text import fold


class UserManager(BaseUserManager["User"]):
    """Makes accounts by email address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account; without a password it can only sign in by other means."""
        user = self.model(email=self.normalize_email(email).strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account that may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find an account whatever the case of the address."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. The email address is the name to sign in with, in any case of letters."""

    personal_fields = ("email", "full_name", "phone", "timezone")

    public_id = PublicIdField(prefix="usr")
    email = models.EmailField(_("email address"), max_length=254)
    full_name = models.CharField(_("name"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    locale = models.CharField(_("language"), max_length=12, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), db_default=Now())
    search_text = models.TextField(blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """One account per address."""

        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        """Show the name, or the address without one."""
        return self.full_name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search text in step."""
        self.search_text = fold(self.full_name, self.email, self.phone)
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "search_text"}
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """Return the name, or the address without one."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.full_name.split(" ")[0] if self.full_name else self.email


class Staff(models.Model):
    """The working profile of a person, the same in every business they belong to."""

    personal_fields = ("display_name", "title", "bio", "photo")

    public_id = PublicIdField(prefix="stf")
    user = models.OneToOneField(User, models.CASCADE, related_name="staff")
    display_name = models.CharField(_("name shown to customers"), max_length=150)
    title = models.CharField(_("title"), max_length=120, blank=True)
    bio = models.TextField(_("about"), blank=True)
    photo = models.ImageField(_("photo"), upload_to="staff/", blank=True)

    class Meta:
        """Named for the admin."""

        verbose_name = _("staff profile")
        verbose_name_plural = _("staff profiles")

    def __str__(self) -> str:
        """Show the name customers see."""
        return self.display_name
