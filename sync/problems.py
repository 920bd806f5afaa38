"""What can be wrong with a whole request. Plain exceptions: the host turns them into problem+json.

What is wrong with one mutation is never an exception here: it is quarantined with its problem.
"""

from typing import Any


class SyncProblem(Exception):
    """A refusal of a whole request. code: stable name; status: the HTTP status meant; params: JSON values."""

    code = "sync.problem"
    status = 400

    def __init__(self, **params: Any) -> None:
        super().__init__(f"{self.code} {params}")
        self.params = params


class Malformed(SyncProblem):
    """Not of the form the envelope prescribes. params: at (where), why."""

    code = "sync.malformed"


class VersionUnsupported(SyncProblem):
    """An envelope version this server does not speak. params: supported."""

    code = "sync.version_unsupported"


class AuthInvalid(SyncProblem):
    """The request is not signed by the device's transport key."""

    code = "sync.auth_invalid"
    status = 401


class UserMismatch(SyncProblem):
    """The enrolment names somebody else than who is signed in."""

    code = "sync.user_mismatch"
    status = 403


class DeviceUnknown(SyncProblem):
    """No such device here: the client enrols anew and issues again what is not acknowledged. params: device."""

    code = "sync.device_unknown"
    status = 404


class DeviceForked(SyncProblem):
    """A sequence number came with two bodies: enrol anew, issue again. params: device, seq, last_seq."""

    code = "sync.device_forked"
    status = 409


class KeyInUse(SyncProblem):
    """The transport key belongs to another enrolment."""

    code = "sync.key_in_use"
    status = 409


class TooLarge(SyncProblem):
    """Beyond a limit: halve and repeat. params: limit (its name), max."""

    code = "sync.too_large"
    status = 413


class StraysFull(SyncProblem):
    """So much waits under one author's name, or from one carrier, that people must look at it first. params: max."""

    code = "sync.strays_full"
    status = 429


class ProofInvalid(SyncProblem):
    """An enrolment without proof that the phone holds both keys. params: key."""

    code = "sync.proof_invalid"
    status = 422


def malformed(at: str, why: str) -> Malformed:
    """A Malformed that says where and why."""
    return Malformed(at=at, why=why)
