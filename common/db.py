"""Database pieces Django has no name for, and retries of lost races."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField
from django.db import OperationalError, connection, models, transaction

from common.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")

DEADLOCK = "40P01"
SERIALIZATION_FAILURE = "40001"
LOCK_TIMEOUT = "55P03"
EXCLUSION_VIOLATION = "23P01"
UNIQUE_VIOLATION = "23505"
_ATTEMPTS = 4


class Int8Range(models.Func):
    """`int8range(a, b, bounds)`; lets an integer key take part in an exclusion constraint."""

    function = "INT8RANGE"
    output_field = BigIntegerRangeField()


class TsTzRange(models.Func):
    """`tstzrange(a, b, bounds)`."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE behind a Django database error; empty when there is none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def constraint_name(error: BaseException) -> str:
    """Return the constraint a database error names; empty when it names none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def retry_on_conflict(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action again when it lost a deadlock or a race, or waited too long for a lock.

    Wraps a whole transaction, so it must stand outside `transaction.atomic`. Inside somebody
    else's transaction it does nothing, because only the outermost one can be run again. After
    four tries it raises Busy (503), never a database error.
    """

    @functools.wraps(action)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return action(*args, **kwargs)
        for attempt in range(_ATTEMPTS):
            try:
                return action(*args, **kwargs)
            except OperationalError as error:
                if sqlstate(error) not in {DEADLOCK, SERIALIZATION_FAILURE, LOCK_TIMEOUT}:
                    raise
                if attempt == _ATTEMPTS - 1:
                    raise Busy from error
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311  jitter, not a secret
        raise AssertionError("unreachable")

    return wrapped


def require_transaction(what: str) -> None:
    """Raise RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"{what} must run inside a transaction")
