"""Expressions: `. > 50`, `${fan} = 'fail' and ${depth} > 300`.

tree.py   what is frozen in a version, and how it is written   parse.py     what an author writes → its tree
check.py  unknown names, wrong types, before publishing         evaluate.py  the tree → its value, whatever stands in it
pattern.py  matches(), linear in the text
"""

from forms.expression.check import Scope, Type, check
from forms.expression.parse import ExpressionError, parse
from forms.expression.tree import OPERATORS, Node, thaw, written

__all__ = ["OPERATORS", "ExpressionError", "Node", "Scope", "Type", "check", "parse", "thaw", "written"]
