"""What is no fault of the program and does not last: said in words, so that a phone waits and a person knows why."""

from __future__ import annotations

import errno
import re
import sqlite3

from obstore.exceptions import BaseError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from backend.kernel.problems import Problem

NO_ROOM = Problem(
    507,
    "server.no_room",
    "服务器磁盘已满，暂时无法保存；手机上的内容不会丢失，腾出空间后会自动发送。请通知管理员。",
    "The server's disk is full and nothing more can be kept now; what is on the phone stays there and is sent once "
    "there is room. Tell the administrator.",
)
DATABASE_AWAY = Problem(
    503,
    "server.database_away",
    "数据库暂时不可用；手机上的内容不会丢失，稍后会自动重试。",
    "The database is not available for the moment; what is on the phone stays there and is sent again later.",
)
OBJECTS_AWAY = Problem(
    503,
    "server.objects_away",
    "照片库暂时不可用：记录照常发送，照片留在手机上，稍后会自动重试。",
    "The object store is not available for the moment: records are sent as usual, photos stay on the phone and are "
    "sent again later.",
)
RETRY_AFTER = 10  # seconds

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OS_ERROR = re.compile(r"os error (\d+)")


def outage(error: BaseException) -> Problem | None:
    """Which outage an exception tells of; None when it is none of them."""
    match error:
        case DBAPIError(orig=sqlite3.Error() as cause):
            return _of_sqlite(cause)
        case OperationalError() | InterfaceError() | TimeoutError():
            return DATABASE_AWAY
        case BaseError():
            found = _OS_ERROR.search(str(error))
            return NO_ROOM if found and int(found.group(1)) in _FULL else OBJECTS_AWAY
        case OSError(errno=number) if number in _FULL:
            return NO_ROOM
        case _:
            return None


def _of_sqlite(error: sqlite3.Error) -> Problem | None:
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return NO_ROOM
        case sqlite3.SQLITE_BUSY:
            return DATABASE_AWAY
        case _:
            return None
