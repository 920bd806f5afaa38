"""P-256 keys and signatures as WebCrypto has them: raw points of 65 bytes, signatures r ‖ s of 64, base64url."""

import base64
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")
_ECDSA = ec.ECDSA(SHA256(), deterministic_signing=True)

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey


def b64u(data: bytes) -> str:
    """Base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64u(text: str) -> bytes:
    """The bytes of a base64url text; raises ValueError for padding, foreign characters or stray last bits."""
    if not _ALPHABET.match(text) or len(text) % 4 == 1:
        raise ValueError("not base64url without padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64u(data) != text:
        raise ValueError("base64url with stray bits at its end")
    return data


def raw_public(key: PublicKey) -> bytes:
    """A public key as the uncompressed point 0x04 ‖ x ‖ y, 65 bytes (SEC 1 §2.3.3)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key(raw: bytes) -> PublicKey:
    """The key of an uncompressed point; raises ValueError when it is not one on the curve."""
    if len(raw) != 65 or raw[0] != 4:
        raise ValueError("a public key is an uncompressed P-256 point of 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def private_key(scalar: int) -> PrivateKey:
    """The private key of a scalar, 1 ≤ scalar < n."""
    return ec.derive_private_key(scalar, ec.SECP256R1())


def sign(key: PrivateKey, message: bytes) -> str:
    """ECDSA with SHA-256 over message, r ‖ s (IEEE P1363), base64url. Deterministic (RFC 6979)."""
    r, s = decode_dss_signature(key.sign(message, _ECDSA))
    return b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def verify(raw: bytes, message: bytes, signature: object) -> bool:
    """Whether signature (text, 86 characters) is good for message under the raw public key. Never raises."""
    if not isinstance(signature, str) or len(signature) != 86:
        return False
    try:
        rs = from_b64u(signature)
        der = encode_dss_signature(int.from_bytes(rs[:32], "big"), int.from_bytes(rs[32:], "big"))
        public_key(raw).verify(der, message, _ECDSA)
    except (ValueError, InvalidSignature):
        return False
    return True
