"""Writes lists: as the Excel that forms.importing reads back whole, as JSON, as XLSForm as far as that goes."""

from __future__ import annotations

import json
from typing import Literal, get_args

from forms.definition import Definition
from forms.exporting.parts import Exported, NotCarried
from forms.exporting.workbook import as_xlsx
from forms.exporting.xlsform import as_xlsform

Format = Literal["xlsx", "json", "xlsform"]
FORMATS: tuple[Format, ...] = get_args(Format)

__all__ = ["FORMATS", "Exported", "Format", "NotCarried", "export"]


def export(definition: Definition, to: Format) -> Exported:
    """The bytes of a file, and what of the definition it does not hold."""
    match to:
        case "xlsx":
            return as_xlsx(definition)
        case "xlsform":
            return as_xlsform(definition)
    text = json.dumps(definition.to_json(), ensure_ascii=False, indent=2)
    return Exported(f"{text}\n".encode())
