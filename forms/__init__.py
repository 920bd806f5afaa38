"""The checklist engine: definitions, versions, limits, judging, what is due. Imports nothing of the rest.

definition.py  the typed model of form/1         load.py         untrusted data → definition, or every flaw
version.py     RFC 8785 form and its sha256      consistency.py  what no schema can say: names, circles, types
limits.py      limits pinned for a mine and day  expression/     `. > 50`: parsed, checked, evaluated
reading.py     what an answer says by itself     judge.py        answers → verdicts, of one item and of a list
graph.py       what depends on what              sheet.py        rows, relevance and calculated values of a list
score.py       marks                             due.py          what is to be asked now
messages.py    codes → words (messages.json)     library.py      the lists that ship (library/*.yaml)
schema/        the same form for editors         diff.py         what changed between two versions
importing/     Excel and XLSForm → definitions   exporting/      and back

The twin on the phone is pwa/src/forms/; both pass vectors/*.json.
"""
