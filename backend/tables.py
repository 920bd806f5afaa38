"""Every table of the program, for migrations and backups: importing this module declares them all."""

from __future__ import annotations

import backend.accounts.models
import backend.backup.models
import backend.checklists.models
import backend.enforcement.models
import backend.hazards.models
import backend.inspections.models
import backend.kernel.audit
import backend.kernel.jobs
import backend.shifts.models
import backend.sites.models
import backend.uploads.models  # noqa: F401
import sync.tables
from backend.kernel.db import Base

metadata = [Base.metadata, sync.tables.metadata]
