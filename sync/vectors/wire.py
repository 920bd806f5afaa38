"""Cases for what goes over the wire: ids, canonical form, chain, boxes, exchange, enrolment, bundle."""

import json
import struct
import zlib
from typing import Any

from sync import bundle, envelope, keys, sealing
from sync.canonical import canonical, sha256
from sync.envelope import Json
from sync.ids import uuid7
from sync.keys import PrivateKey, b64u, from_b64u, raw_public
from sync.vectors.clocks import NOW


def key(name: str) -> PrivateKey:
    """The vectors' private key of a name: SHA-256 of it as the scalar (each is below the order, and not 0)."""
    return keys.private_key(int.from_bytes(sha256(b"kuangjian vectors: " + name.encode()), "big"))


def public(name: str) -> str:
    """The public key of a name as the wire has it."""
    return b64u(raw_public(key(name).public_key()))


def uuid(name: str, ms: int = NOW) -> str:
    """A made-up but valid id."""
    return uuid7(ms, sha256(name.encode())[:10])


def _jwk(name: str) -> Json:
    raw, scalar = raw_public(key(name).public_key()), key(name).private_numbers().private_value
    return {
        "kty": "EC", "crv": "P-256", "x": b64u(raw[1:33]), "y": b64u(raw[33:]), "d": b64u(scalar.to_bytes(32, "big")),
    }  # fmt: skip


DEVICE, PHONE, USER, BOOT = uuid("device"), uuid("phone"), uuid("user"), uuid("boot")
TRANSPORT, SIGNING, SERVER, RECEIPT = "transport", "signing", "server sealing", "server receipt"


def stored_gzip(data: bytes) -> bytes:
    """A gzip member with one stored block: the same bytes whatever zlib makes it."""
    header = bytes.fromhex("1f8b08000000000000ff")
    block = b"\x01" + struct.pack("<HH", len(data), len(data) ^ 0xFFFF) + data
    return header + block + struct.pack("<II", zlib.crc32(data), len(data))


def mutations() -> list[Json]:
    """Three of a driller's: opens a list, answers two items, reports a hazard."""
    sheet, hazard = uuid("submission"), uuid("hazard")
    photo = f"sha256:{sha256(b'photo').hex()}"
    answers = {
        "UG01-01": {"result": "pass", "value": None, "note": "", "photos": []},
        "UG01-02": {"result": "fail", "value": 19.5, "note": "风量不足 < 20 %", "photos": [photo]},
    }
    opened = _mutation(41, "submission.open@1", sheet, None, {"form": "sha256:" + "0" * 64, "post": "UG01"})
    answered = _mutation(42, "submission.answer@1", sheet, [3, 12], {"answers": answers}, blobs=[photo])
    reported = _mutation(
        43,
        "hazard.report@1",
        hazard,
        None,
        {"text": "局部通风机停转 😷", "level": None},
        deps=[answered["id"]],
    )
    return [opened, answered, reported]


def _mutation(seq: int, op: str, entity: str, base: Any, args: Json, **more: list[str]) -> Json:
    return {
        "seq": seq, "id": uuid(f"mutation {seq}", NOW + seq), "op": op, "entity": entity, "base": base, "args": args,
        "hlc": f"{NOW + seq:012x}{0:04x}{DEVICE[-8:]}", "wall": f"2026-03-02T10:15:30.{123 + seq}+08:00",
        "mono_ms": 912_331 + seq, "boot": BOOT, "deps": [], "blobs": [],
    } | more  # fmt: skip


def links(entries: list[Json], start: bytes) -> list[bytes]:
    """The chain over consecutive entries, start included."""
    chain = [start]
    for entry in entries:
        chain.append(envelope.link(chain[-1], entry["seq"], envelope.body_hash(entry)))
    return chain


def signed_request(**members: Any) -> Json:
    """An exchange with the transport key's signature."""
    request: Json = {
        "v": 1, "device": DEVICE, "client": "field/1.4.0", "boot": BOOT, "mono_ms": 930_000,
        "sent_at": "2026-03-02T10:15:48.000+08:00", "cursor": None, "pull": True,
        "key": sealing.key_id(raw_public(key(SERVER).public_key())),
        "mutations": [], "head_sig": None, "sealed": [], "ask": [],
    } | members  # fmt: skip
    return request | {"auth": keys.sign(key(TRANSPORT), envelope.exchange_message(request, frozen(request)))}


def frozen(request: Json) -> list[envelope.Frozen]:
    """A request's mutations, hashed."""
    return [envelope.freeze(entry) for entry in request["mutations"]]


def ids() -> Json:
    """UUIDv7 from time and randomness; base64url; what is not an id."""
    randoms = ["00" * 10, "ff" * 10, "0102030405060708090a"]
    return {
        "uuid7": [{"ms": ms, "random": r, "id": uuid7(ms, bytes.fromhex(r))} for ms in (0, NOW) for r in randoms],
        "invalid_uuid7": [
            "", DEVICE.upper(), DEVICE.replace("-", ""), DEVICE[:14] + "4" + DEVICE[15:], DEVICE + "\n",
            DEVICE[:19] + "c" + DEVICE[20:],
        ],
        "base64url": [{"hex": h, "text": b64u(bytes.fromhex(h))} for h in ("", "00", "fbff", "fffefd", "00108310")],
        "invalid_base64url": ["A", "AA==", "A/+A", "AB", "AAF", "A A"],
        "keys": [{"name": n, "jwk": _jwk(n), "public": public(n)} for n in (TRANSPORT, SIGNING, SERVER, RECEIPT)],
        "invalid_public_keys": [
            "", public(SIGNING)[:-1], b64u(b"\x04" + bytes(64)), b64u(b"\x02" + from_b64u(public(SIGNING))[1:33]),
        ],
    }  # fmt: skip


def canonical_cases() -> Json:
    """JSON text as a parser meets it, its canonical form, and the hash of that."""
    texts = [
        "null", "[true,false,null]", '{"b":1,"a":2,"":3}', "[1,-0,0,1.0,1e2,19.5,-2.5]",
        "[0.1,0.0001,0.00001,1e-6,1e-7,5e-324]", "[1e15,1e16,123456789012345680000,1e20,1e21,1.5e300]",
        "[9007199254740991,9007199254740992,9007199254740993,-9007199254740993,100000000000000000000]",
        "[0.30000000000000004,333333333.33333329,1e23,4.35,2.2250738585072014e-308]",
        '["\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\\\/\\u007f\\u2028"]',
        '{"矿":"检","\\u00e9":"e\\u0301","\\ud83d\\ude00":1,"\\uffff":2,"z":3}',
        '["\\ud83d\\ude00","\\ud83d","\\ude00x","\\ude00\\ud83d"]', '{"\\ud800":1}',
        ' { "nested" : [ { "y" : [ ] , "x" : { } } ] } ', '"1e400 is not a double, this is text"',
    ]  # fmt: skip
    return {"cases": [_canonical(text, canonical(json.loads(text))) for text in texts]}


def _canonical(text: str, form: bytes) -> Json:
    return {"json": text, "canonical": form.decode(), "sha256": sha256(form).hex()}


def chain_cases() -> Json:
    """Hashes, links, and the signature over the head, with a void in one of the chains."""
    entries = mutations()
    start = sha256(b"link 40")
    chain = links(entries, start)
    void = {"seq": 42, "void": envelope.body_hash(entries[1]).hex()}
    good = keys.sign(key(SIGNING), envelope.head_message(chain[-1]))
    r, s = from_b64u(good)[:32], from_b64u(good)[32:]
    bad = [
        b64u(s + r), good[:-1], good + "A", good[:-2] + "AA", "",
        keys.sign(key(TRANSPORT), envelope.head_message(chain[-1])),
        keys.sign(key(SIGNING), chain[-1]), keys.sign(key(SIGNING), envelope.head_message(chain[-2])),
        b64u(bytes(64)),
    ]  # fmt: skip
    return {
        "genesis": [{"device": DEVICE, "link": envelope.genesis(DEVICE).hex()}],
        "signing_key": public(SIGNING),
        "link_40": start.hex(),
        "mutations": [
            {"mutation": m, "canonical": canonical({k: v for k, v in m.items() if k != "seq"}).decode(),
             "hash": envelope.body_hash(m).hex(), "link": chain[i].hex()}
            for i, m in enumerate(entries, start=1)
        ],
        "void": {"entry": void, "links": [x.hex() for x in links([entries[0], void, entries[2]], start)[1:]]},
        "link_preimage_41": (start + (41).to_bytes(8, "big") + envelope.body_hash(entries[0])).hex(),
        "head_message": envelope.head_message(chain[-1]).hex(),
        "head_sig": good,
        "bad_head_sigs": bad,
    }  # fmt: skip


def sealed_cases() -> Json:
    """A segment of the same three mutations, as box; and boxes that must not open."""
    entries = mutations()
    head = links(entries, sha256(b"link 40"))[-1]
    segment = {"v": 1, "mutations": entries, "head_sig": keys.sign(key(SIGNING), envelope.head_message(head))}
    plaintext = stored_gzip(canonical(segment))
    recipient, ephemeral = raw_public(key(SERVER).public_key()), key("ephemeral")
    aad = sealing.associated(DEVICE, 41, 43)
    box = sealing.seal(recipient, ephemeral, plaintext, aad)
    raw = bytearray(from_b64u(box))
    bad = [
        {"why": why, "box": b64u(_flipped(raw, at)), "device": DEVICE, "first": 41, "last": 43}
        for why, at in [
            ("version", 0),
            ("key id", 3),
            ("ephemeral key", 20),
            ("ciphertext", 100),
            ("tag", -1),
        ]
    ]
    bad += [
        {"why": "another device", "box": box, "device": PHONE, "first": 41, "last": 43},
        {"why": "another number", "box": box, "device": DEVICE, "first": 41, "last": 44},
        {"why": "cut", "box": b64u(bytes(raw[:-1])), "device": DEVICE, "first": 41, "last": 43},
        {"why": "empty", "box": "", "device": DEVICE, "first": 41, "last": 43},
    ]
    return {
        "server_key": {"id": sealing.key_id(recipient), "public": b64u(recipient), "jwk": _jwk(SERVER)},
        "ephemeral": _jwk("ephemeral"),
        "device": DEVICE, "first": 41, "last": 43,
        "segment": segment,
        "plaintext": plaintext.hex(),
        "shared_secret_info": (sealing.SEALED + raw_public(ephemeral.public_key()) + recipient).hex(),
        "aad": aad.hex(),
        "box": box,
        "bad": bad,
        "authored": _authored(segment, aad),
    }  # fmt: skip


def _authored(segment: Json, aad: bytes) -> Json:
    """The same with its author, as phones have sealed it since there was reason to."""
    author = {"user": USER, "signing_key": public(SIGNING), "after": sha256(b"link 40").hex()}
    told = segment | {"author": author}
    recipient = raw_public(key(SERVER).public_key())
    box = sealing.seal(recipient, key("another ephemeral"), stored_gzip(canonical(told)), aad)
    return {"segment": told, "box": box}


def _flipped(data: bytearray, at: int) -> bytes:
    copy = bytearray(data)
    copy[at] ^= 1
    return bytes(copy)


def exchange_cases() -> Json:
    """Signed requests, what was signed, and tampered ones; a receipt."""
    entries = mutations()
    head_sig = keys.sign(key(SIGNING), envelope.head_message(links(entries, sha256(b"link 40"))[-1]))
    box = sealed_cases()["box"]
    full = signed_request(
        cursor="b3BhcXVl", head_sig=head_sig, ask=[17, 39],
        mutations=[entries[0], {"seq": 42, "void": envelope.body_hash(entries[1]).hex()}, entries[2]],
    )  # fmt: skip
    locked = signed_request(pull=False, sealed=[{"device": DEVICE, "first": 41, "last": 43, "box": box}])
    requests = [signed_request(), full, locked]
    tampered = [full | {"pull": False}, full | {"mutations": entries}, full | {"auth": locked["auth"]},
                locked | {"sealed": []}, full | {"ask": [17, 39, 40]}]  # fmt: skip
    receipt = {
        "device": DEVICE, "first": 41, "last": 43, "at": "2026-03-02T02:15:48.321Z", "problem": None,
        "results": [{"seq": 41, "status": "applied"}, {"seq": 42, "status": "conflict"}, {"seq": 43, "status": "held"}],
    }  # fmt: skip
    message = envelope.receipt_message(receipt)
    return {
        "transport_key": public(TRANSPORT),
        "requests": [
            {"request": r, "skeleton": canonical(envelope.skeleton(r, frozen(r))).decode(),
             "message": envelope.exchange_message(r, frozen(r)).hex()}
            for r in requests
        ],
        "tampered": tampered,
        "receipt_key": public(RECEIPT),
        "receipt": receipt | {"sig": keys.sign(key(RECEIPT), message)},
        "receipt_message": message.hex(),
        "certificate": certificate(),
    }  # fmt: skip


def certificate() -> Json:
    """Whose signing key it is, for 30 days."""
    said: Json = {
        "v": 1, "user": USER, "signing_key": public(SIGNING), "from": "2026-03-02T02:00:00.250Z",
        "until": "2026-04-01T02:00:00.250Z", "key": sealing.key_id(from_b64u(public(RECEIPT))),
    }  # fmt: skip
    return said | {"sig": keys.sign(key(RECEIPT), envelope.certificate_message(said))}


def enrolment_cases() -> Json:
    """A request with both proofs, and the answer."""
    request: Json = {
        "v": 1, "phone": PHONE, "user": USER, "transport_key": public(TRANSPORT), "signing_key": public(SIGNING),
        "client": "field/1.4.0", "boot": BOOT, "mono_ms": 4_000, "sent_at": "2026-03-02T10:00:00.000+08:00",
        "replaces": None,
    }  # fmt: skip
    message = envelope.enrol_message(request)
    proof = {"transport": keys.sign(key(TRANSPORT), message), "signing": keys.sign(key(SIGNING), message)}
    described = {
        n: {"id": sealing.key_id(from_b64u(public(n))), "public": public(n)} for n in (SERVER, RECEIPT)
    }
    return {
        "request": request | {"proof": proof},
        "message": message.hex(),
        "response": {
            "device": DEVICE, "epoch": 3, "last_seq": 0, "durable_seq": 0, "server_time": "2026-03-02T02:00:00.250Z",
            "sealing_key": described[SERVER], "receipt_key": described[RECEIPT], "certificate": certificate(),
        },
    }  # fmt: skip


def bundle_cases() -> Json:
    """A bundle's text; texts that are not whole."""
    box = sealed_cases()["box"]
    parts = [bundle.Segment(DEVICE, 41, 43, box), bundle.Segment(uuid("other device"), 7, 7, box[:172])]
    text = bundle.write(parts)
    lines = text.split("\n")
    return {
        "segments": [part._asdict() for part in parts],
        "text": text,
        "also_good": [text.replace("\n", "\r\n"), text + "\n\n"],
        "empty": bundle.write([]),
        "bad": ["", lines[0], "\n".join(lines[:-2]), "\n".join([*lines[:1], *lines[2:]]),
                text.replace(" 41 43 ", " 41 44 "), text.replace("BUNDLE/1", "BUNDLE/2")],
    }  # fmt: skip
