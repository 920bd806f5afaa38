"""Every table of the program, for migrations and backups: importing this module declares them all."""

from __future__ import annotations

import backend.accounts.models
import backend.kernel.audit
import backend.kernel.jobs  # noqa: F401
from backend.kernel.db import Base

metadata = [Base.metadata]
