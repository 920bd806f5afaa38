"""What can be wrong with a backup, in words that say what to do."""

from __future__ import annotations

from backend.kernel.problems import Problem, Refusal

NONE = Problem(
    409,
    "backup.none",
    "没有设置备份：这块磁盘一旦损坏，全部数据都会丢失。请把 KUANGJIAN_BACKUP_DIR 设为另一块磁盘上的文件夹。",
    "There is no backup: what is lost with this disk is lost. Set KUANGJIAN_BACKUP_DIR to a folder on another disk.",
)
SAME_DISK = Problem(
    409,
    "backup.same_disk",
    "备份文件夹 {where} 与数据在同一块磁盘上：磁盘一旦损坏，两者一起丢失。"
    "请把 KUANGJIAN_BACKUP_DIR 设为另一块磁盘上的文件夹。",
    "The backup folder {where} is on the disk that holds the data: one failure takes both. "
    "Set KUANGJIAN_BACKUP_DIR to a folder on another disk.",
)
NOT_YET = Problem(
    503,
    "backup.not_yet",
    "还没有一份核验过的备份。请检查任务进程是否在运行，或手工运行 kuangjian backup。",
    "There is no verified backup yet. See whether a worker runs, or run kuangjian backup.",
)
NO_WATERMARK = Problem(
    409,
    "backup.no_watermark",
    "还没有任何手机得到“已入备份”的回执，手机会一直多留一份。请运行 kuangjian backup，并按提示处理。",
    "No phone has been told that its work is in a backup, so all keep theirs. "
    "Run kuangjian backup and do as it says.",
)
TOO_OLD = Problem(
    503,
    "backup.too_old",
    "最近一份核验过的备份是 {when}。请检查任务进程是否在运行、备份磁盘是否可写，或手工运行 kuangjian backup。",
    "The last verified backup is of {when}. See whether a worker runs and the backup disk can be written, "
    "or run kuangjian backup.",
)
NOT_FOUND = Problem(
    404,
    "backup.not_found",
    "{where} 中没有备份，请给出备份文件夹，或存放各次备份的文件夹。",
    "There is no backup in {where}; name a backup's folder, or the folder in which backups lie.",
)
BUSY = Problem(
    409,
    "backup.busy",
    "{where} 正在被另一个备份进程写入，请等它结束。",
    "Another process is writing a backup to {where}; wait until it has ended.",
)
NO_ROOM = Problem(
    507,
    "backup.no_room",
    "{where} 无法写入（{why}）。未留下不完整的内容；请腾出空间或换一块磁盘后重试。",
    "{where} cannot be written ({why}). Nothing half-done was left; make room or take another disk, then try again.",
)
NOT_READ = Problem(
    503,
    "backup.not_read",
    "数据库无法完整读出（{why}），没有生成新备份，旧备份未动。请运行 kuangjian verify。",
    "The database could not be read whole ({why}); no backup was made and the old ones stand. Run kuangjian verify.",
)
DAMAGED = Problem(
    422,
    "backup.damaged",
    "备份 {name} 不完整或被改动过：{what}。没有恢复任何内容，请改用另一份备份。",
    "Backup {name} is incomplete or was changed: {what}. Nothing was restored; take another backup.",
)
OBJECTS_LOST = Problem(
    409,
    "backup.objects_lost",
    "有 {count} 个文件在对象库和旧备份中都找不到（首个为 {first}）；其余已备份。"
    "请运行 kuangjian verify，并保留手机上的照片。",
    "{count} files are neither in the object store nor in an older backup (the first is {first}); "
    "all else is backed up. Run kuangjian verify, and keep the photos that phones still have.",
)
NEWER = Problem(
    409,
    "backup.newer",
    "备份 {name} 由更新的程序版本写成（{revision}）。请先升级本程序，再恢复。",
    "Backup {name} was written by a newer version of the program ({revision}). Upgrade this program, then restore.",
)
NOT_EMPTY = Problem(
    409,
    "backup.not_empty",
    "目标数据库已有内容，恢复会将其全部替换。若确定如此，请加 --force。",
    "The database is not empty, and restoring replaces all of it. If that is meant, add --force.",
)


def words(refusal: Refusal) -> dict[str, str]:
    """What a refusal says, for an audit row or a page: code, zh, en."""
    return {"code": refusal.problem.code} | {
        language: refusal.body(language)["title"] for language in ("zh", "en")
    }
