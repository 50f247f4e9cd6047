"""Names the settings of a run and its launcher share."""

from typing import Final

REDIS_PREFIX: Final = "fd_bench"
