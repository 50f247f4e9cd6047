"""The account somebody signs in with, and the profile of those who work."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import passwords
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
    # Part of what every session is held against: raising it ends them all.
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    _password: str | None = None
    _mark = ""

    class Meta:
        """One account per address."""

        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]
        permissions = [("remove_second_factors", _("Can remove a lost second factor"))]

    def __str__(self) -> str:
        """Show the name, or the address without one."""
        return self.full_name or self.email

    def set_password(self, raw_password: str | None) -> None:
        """Take a new password; None leaves the account without. Raises Busy.

        Whichever door sets it, saving the account then keeps its mark among the used ones.
        """
        super().set_password(raw_password)
        # All slow work is done before the row is written, so that none is done under its lock. An
        # account that is not saved yet has no other door, and may be one made only for its cost.
        self._mark = self._mark_of(raw_password) if self.pk is not None else ""

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search text in step, and a new password's mark. Raises Busy."""
        self.search_text = fold(self.full_name, self.email, self.phone)
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "search_text"}
        # None unless a password was set; Django forgets it when it has saved.
        mark = self._mark or self._mark_of(self._password)
        with transaction.atomic() if mark else nullcontext():
            super().save(*args, **kwargs)
            self._keep(mark)

    def keep_password(self, password: str) -> None:
        """Keep a password the account was given as a hash made elsewhere. Raises Busy."""
        self._keep(self._mark_of(password))

    def get_session_auth_hash(self) -> str:
        """Return what sessions are held against: the password and how often all were ended."""
        return self._of_generation(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same under each older secret key, for sessions made under it."""
        for own in super().get_session_auth_fallback_hash():
            yield self._of_generation(own)

    def _of_generation(self, own: str) -> str:
        return f"{own}.{self.session_generation}" if self.session_generation else own

    def _mark_of(self, password: str | None) -> str:
        if password is None:
            return ""
        return passwords.mark_of(account=self.public_id, password=password)

    def _keep(self, mark: str) -> None:
        """Keep the mark as the newest of the last ten; the same one again moves it up."""
        self._mark = ""
        if not mark:
            return
        self.used_passwords.update_or_create(mark=mark, defaults={"set_at": timezone.now()})
        newest = self.used_passwords.order_by("-set_at", "-pk").values("pk")[: passwords.KEPT]
        self.used_passwords.exclude(pk__in=newest).delete()

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
