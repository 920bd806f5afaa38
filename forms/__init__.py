"""The checklist engine: definitions, versions, limits, judging, what is due. Imports nothing of the rest.

definition.py  the typed model of form/1         load.py      untrusted data → definition, or every flaw
version.py     RFC 8785 form and its sha256      expression/    `. > 50`: parsed, checked, evaluated
limits.py      limits pinned for a mine and day  judge.py     answers → verdicts
due.py         what is to be asked now           library.py   the lists that ship (library/*.yaml)
messages.py    codes → words (messages.json)     schema/form-1.json   the same form for editors

The twin on the phone is pwa/src/forms/; both pass vectors/*.json.
"""
