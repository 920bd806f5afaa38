"""Enforcement documents: data in, PDF out. Pure: no database, no Flask, no files but its own fonts.

render.py    render(kind, data, assets) and check(); the table of kinds, the hash on the paper
templates/   one module a document, which reads like the page
layout.py    the blocks that templates are written in, margins, footer     blocks.py  how they are drawn
pages.py     where pages break     paragraph.py, linebreak.py  Chinese text     fonts/  which font sets what
parts.py     officers, mines, findings, signatures as data, and their rules     shape.py  schema and reader
verify.py    what a dropped PDF says of itself
"""
