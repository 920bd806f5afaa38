"""The sync engine: server-authoritative, offline for days, nothing lost, nothing merged behind a jurist's back.

It knows nothing of mines, Flask or PDF. The host registers what it has, lends its transactions, and maps problems.

The written envelope (docs/adr/0004; pure, with vectors in vectors/):
    canonical   RFC 8785, total              ids, hlc, clock   identity and time
    keys        P-256 as WebCrypto has it    envelope          hash, chain, what is signed
    sealing     boxes only the server opens  bundle            boxes as text
    digest      fingerprints of scopes       merge             one rule per class of field
    parse       bytes → request of a known shape               problems   refusals of whole requests

The engine (docs/adr/0005):
    engine      what is given from outside   registry          what the host declares
    tables      its own MetaData             vault             the server's keys
    enrol       (phone, user) → device       exchange          push and pull in one round trip
    push        what a phone hands in:       intake (stored once, chain, signature) → apply (savepoints) → outcome
    pull        what it is told              log (counter, references, digests), cursor (sealed position)
    review      quarantine and conflicts     upkeep            jobs

The host's `writing()` must call `log.flush(engine, session)` last of all, before commit.
"""
