"""What an author writes → its tree: the XLSForm subset of XPath. Only the server parses; phones get trees.

Signs that a Chinese keyboard makes (（ ） ， ＞ ≥ ≠ …) mean what they show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from forms.expression.tree import INFIX, LONGEST_TEXT, MAX_DEPTH, MAX_NODES, OPERATORS, Node
from forms.values import BIGGEST

_WIDE = str.maketrans("（），＞＜＝＋－＊　", "(),><=+-* ")
_SAME = {"≥": ">=", "≤": "<=", "≠": "!=", "regex": "matches"}
_TOKEN = re.compile(
    r"(?P<item>\$\{\s*[A-Za-z0-9][A-Za-z0-9._-]{0,63}\s*\})"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[A-Za-z][A-Za-z-]*[A-Za-z]|[A-Za-z])"
    r"|(?P<sign><=|>=|!=|[≥≤≠<>=+*().,-])"
)
_BLANK = re.compile(r"\s*")


class ExpressionError(ValueError):
    """An expression cannot be understood: a code of flaws.yaml with its parameters, and where (code points from 0)."""

    def __init__(self, code: str, at: int | None = None, **params: object) -> None:
        super().__init__(code)
        self.code, self.at = code, at
        self.params = {name: str(value) for name, value in params.items()}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """The tree of an author's expression. Raises ExpressionError."""
    reader = _Parser(_tokens(text))
    node = reader.operand_of(0, MAX_DEPTH)
    if reader.next.kind != "end":
        raise reader.unexpected()
    if node.depth() > MAX_DEPTH or sum(1 for _ in node.walk()) > MAX_NODES:
        raise ExpressionError("too_complex", 0, most=MAX_NODES)
    return node


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    # Quoted texts keep their signs: only what stands between them is made narrow. One sign stays one sign.
    narrow = re.sub(r"'[^']*'|\"[^\"]*\"|[^'\"]+", _narrow, text)
    while (at := _after_blank(narrow, at)) < len(narrow):
        found = _TOKEN.match(narrow, at)
        if found is None:
            raise ExpressionError("syntax", at, found=text[at])
        word = found[0]
        tokens.append(_Token(str(found.lastgroup), _SAME.get(word, word), at))
        at = found.end()
    return [*tokens, _Token("end", "", len(text))]


def _narrow(part: re.Match[str]) -> str:
    return part[0] if part[0][0] in "'\"" else part[0].translate(_WIDE)


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


class _Parser:
    """Precedence climbing over the tokens; `room` is how deep brackets and calls may still be nested."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.place = tokens, 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        token = self.next
        self.place += 1
        return token

    def skip(self, sign: str) -> bool:
        found = self.next.kind == "sign" and self.next.text == sign
        self.place += found
        return found

    def expect(self, sign: str) -> None:
        if not self.skip(sign):
            raise self.unexpected()

    def unexpected(self) -> ExpressionError:
        if self.next.kind == "end":
            return ExpressionError("unfinished", self.next.at)
        return ExpressionError("syntax", self.next.at, found=self.next.text)

    def operand_of(self, tightness: int, room: int) -> Node:
        if room <= 1:
            raise ExpressionError("too_complex", self.next.at, most=MAX_NODES)
        left = self.unary(room)
        while INFIX.get(self.next.text, 0) > tightness and self.next.kind in ("sign", "name"):
            token = self.take()
            left = _infix(token, left, self.operand_of(INFIX[token.text], room - 1))
        return left

    def unary(self, room: int) -> Node:
        if self.next.text == "-" and self.next.kind == "sign":
            at = self.take().at
            if room <= 1:
                raise ExpressionError("too_complex", at, most=MAX_NODES)
            inner = self.unary(room - 1)
            if inner.kind == "value" and isinstance(inner.value, float):
                return Node("value", value=-inner.value, at=at)
            return Node("op", "neg", args=(inner,), at=at)
        return self.primary(room)

    def primary(self, room: int) -> Node:
        token = self.next
        match token.kind:
            case "number":
                self.take()
                if float(token.text) > BIGGEST:
                    raise ExpressionError("not_a_number", token.at, most=int(BIGGEST))
                return Node("value", value=float(token.text), at=token.at)
            case "text":
                self.take()
                if len(token.text) - 2 > LONGEST_TEXT or re.search("[\ud800-\udfff]", token.text):
                    raise ExpressionError("not_words", token.at, most=LONGEST_TEXT)
                return Node("value", value=token.text[1:-1], at=token.at)
            case "item":
                self.take()
                return Node("item", token.text[2:-1].strip(), at=token.at)
            case "name":
                return self.call(room)
        if self.skip("."):
            return Node("self", at=token.at)
        if self.skip("("):
            inner = self.operand_of(0, room - 1)
            self.expect(")")
            return inner
        raise self.unexpected()

    def call(self, room: int) -> Node:
        token = self.take()
        if token.text in INFIX:
            raise ExpressionError("syntax", token.at, found=token.text)
        if not self.skip("("):
            raise ExpressionError("bare_name", token.at, name=token.text)
        args: list[Node] = []
        if not self.skip(")"):
            args.append(self.operand_of(0, room - 1))
            while self.skip(","):
                args.append(self.operand_of(0, room - 1))
            self.expect(")")
        return _function(token, tuple(args))


def _infix(token: _Token, left: Node, right: Node) -> Node:
    """Comparing with '' asks whether something was answered: XLSForm's way of saying so."""
    if token.text in ("=", "!=") and "" in (left.value, right.value):
        asked = right if left.kind == "value" and left.value == "" else left
        empty = Node("op", "empty", args=(asked,), at=token.at)
        return empty if token.text == "=" else Node("op", "not", args=(empty,), at=token.at)
    return Node("op", token.text, args=(left, right), at=token.at)


def _function(token: _Token, args: tuple[Node, ...]) -> Node:
    name = token.text
    if name in ("true", "false") and not args:
        return Node("value", value=name == "true", at=token.at)
    if name not in OPERATORS or name in ("neg", "empty"):
        known = ", ".join(sorted(set(OPERATORS) - set(INFIX) - {"neg", "empty"}))
        raise ExpressionError("unknown_function", token.at, name=name, known=known)
    least, most = OPERATORS[name]
    if not least <= len(args) <= most:
        raise ExpressionError("wrong_count", token.at, name=name, least=least, most=most, found=len(args))
    return Node("op", name, args=args, at=token.at)
