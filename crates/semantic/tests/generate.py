"""Write Python files that nobody would write, all of them valid.

Usage: generate.py FOLDER COUNT SEED

Each file is made up by chance from the grammar of the running Python, with blanks, comments, line
ends and brackets wherever the grammar lets them be. What CPython's parser refuses all the same is
made up anew, so that every file is Python.
"""

import ast
import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

NAMES = ("a", "b", "self", "await_", "async_", "match", "case", "type", "_", "print", "exec", "é")
BINARY = ("+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^")
COMPARE = ("<", ">", "==", "!=", "<=", ">=", "in", "not in", "is", "is not")
ATOMS = ("1", "0x1F", "1_0.5e3", "2j", "True", "None", "...", "'s'", '"""t\nt"""', "rb'x'", "'a' 'b'")
COMMENTS = ("# c", "#", "# def f(", "# '''", "# é\t")


class Text:
    """Makes up one file. `await` and `return` may stand anywhere: the parser lets them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.depth = 0
        # Atoms that may still be made up before all that is left becomes short.
        self.left = self.chance.choice((20, 60, 200))
        self.in_brackets = 0

    def pick(self, *options: str | Callable[[], str]) -> str:
        """One of some texts."""
        option = self.chance.choice(options)
        return option if isinstance(option, str) else option()

    def some(self, part: Callable[[], str], least: int = 0, most: int = 3) -> list[str]:
        """A few parts."""
        return [part() for _ in range(self.chance.randint(least, most))]

    def gap(self) -> str:
        """What may stand between two tokens."""
        if self.in_brackets and self.chance.random() < 0.12:
            indent = " " * self.chance.randint(0, 9)
            return f" {self.pick('', self.chance.choice(COMMENTS))}\n{indent}"
        if self.chance.random() < 0.02:
            return " \\\n" + " " * self.chance.randint(0, 9)
        return self.pick(" ", " ", " ", "  ", "\t")

    def blank(self) -> str:
        """A gap, or nothing."""
        return self.gap() if self.chance.random() < 0.3 else ""

    def bracket(self, pair: str, inner: Callable[[], str]) -> str:
        """Something in brackets, where lines may end."""
        self.in_brackets += 1
        text = f"{pair[0]}{self.blank()}{inner()}{self.blank()}{pair[1]}"
        self.in_brackets -= 1
        return text

    def name(self) -> str:
        """A name, also one that is a keyword elsewhere."""
        return self.chance.choice(NAMES)

    def listed(self, part: Callable[[], str], least: int = 0) -> str:
        """Parts with commas, often with one behind the last."""
        parts = self.some(part, least)
        if not parts:
            return ""
        return f"{self.blank()},{self.blank()}".join(parts) + self.pick("", "", ",")

    def string(self) -> str:
        """A formatted string."""
        quote = self.pick("'", '"', "'''")
        inner = unquoted(self)
        spec = self.pick("", "", "!r", ":>10", "!s:{a}", ":{a()}")
        return f"f{quote}x{{{{{{{inner}{spec}}}}}}}y{quote}"

    def argument(self) -> str:
        """What is given to a call."""
        kind = self.chance.random()
        if kind < 0.5:
            return self.expression()
        if kind < 0.6:
            return self.starred()
        if kind < 0.65:
            return f"**{self.blank()}{self.unary()}"
        if kind < 0.7:
            return f"{self.name()}{self.blank()}:={self.blank()}{self.expression()}"
        return f"{self.name()}{self.blank()}={self.blank()}{self.expression()}"

    def clauses(self) -> str:
        """The clauses of a comprehension."""
        text = ""
        for _ in range(self.chance.randint(1, 2)):
            asynchronous = "async " if self.chance.random() < 0.3 else ""
            target = self.pick(self.name, "(a, match)", "a, *b", "a.b[0]")
            text += f"{self.gap()}{asynchronous}for {target} in {self.disjunction()}"
            if self.chance.random() < 0.3:
                text += f"{self.gap()}if {self.disjunction()}"
        return text

    def primary(self) -> str:
        """An atom with what follows it."""
        text = self.atom()
        while self.chance.random() < 0.4 and self.left > 0:
            kind = self.chance.randrange(3)
            if kind == 0:
                text += f"{self.blank()}.{self.blank()}{self.name()}"
            elif kind == 1:
                text += self.blank() + self.bracket("()", lambda: self.listed(self.argument))
            else:
                text += self.blank() + self.bracket("[]", self.index)
        return text

    def index(self) -> str:
        """What stands in a subscript."""
        return self.pick(
            self.expression,
            lambda: f"{self.expression()}:",
            *("1:2", ":", "::a()", "a, *b", "1:2, ..."),
        )

    def atom(self) -> str:
        """The smallest expressions."""
        self.depth += 1
        self.left -= 1
        try:
            kind = self.chance.random()
            if self.depth > 8 or self.left < 0 or kind < 0.25:
                return self.chance.choice(ATOMS)
            if kind < 0.55:
                return self.name()
            if kind < 0.62:
                return self.bracket("()", self.expression)
            if kind < 0.68:
                return self.bracket("()", lambda: f"{self.element()}, {self.listed(self.element)}")
            if kind < 0.74:
                return self.bracket("[]", lambda: self.listed(self.element))
            if kind < 0.78:
                return self.bracket("{}", lambda: self.listed(self.element, 1))
            if kind < 0.83:
                return self.bracket("{}", lambda: self.listed(self.pair))
            if kind < 0.93:
                pair = self.pick("()", "[]", "{}")
                return self.bracket(pair, lambda: self.disjunction() + self.clauses())
            if kind < 0.95:
                return self.bracket(
                    "{}", lambda: f"{self.disjunction()}: {self.disjunction()}{self.clauses()}"
                )
            if kind < 0.97:
                return self.bracket("()", lambda: self.pick("yield", lambda: f"yield {self.expression()}"))
            return self.string()
        finally:
            self.depth -= 1

    def element(self) -> str:
        """An item of a list, a set or a tuple."""
        return self.starred() if self.chance.random() < 0.15 else self.expression()

    def starred(self) -> str:
        """What is unpacked; stars before numbers and the like, which no program has, are left out."""
        value = self.pick(
            self.name,
            lambda: f"{self.name()}.{self.name()}()",
            lambda: self.name() + self.bracket("()", lambda: self.listed(self.argument)),
            lambda: f"await {self.name()}()",
            lambda: self.bracket("[]", lambda: self.listed(self.element)),
            lambda: self.bracket("()", self.expression),
        )
        return f"*{self.blank()}{value}"

    def pair(self) -> str:
        """An item of a dictionary."""
        if self.chance.random() < 0.15:
            return f"**{self.unary()}"
        return f"{self.expression()}{self.blank()}:{self.blank()}{self.expression()}"

    def unary(self) -> str:
        """A primary, awaited or negated."""
        kind = self.chance.random()
        if kind < 0.2:
            text = f"await{self.gap()}{self.primary()}"
        elif kind < 0.28:
            text = f"{self.pick('-', '+', '~')}{self.blank()}{self.unary()}"
        else:
            text = self.primary()
        if self.chance.random() < 0.2 and self.left > 0:
            operator = self.chance.choice(BINARY)
            text = f"{text}{self.blank()}{operator}{self.blank()}{self.unary()}"
        return text

    def disjunction(self) -> str:
        """Comparisons, and what is made of them."""
        kind = self.chance.random()
        if self.left < 0 or kind < 0.75:
            return self.unary()
        self.depth += 1
        if kind < 0.85:
            text = f"{self.unary()} {self.chance.choice(COMPARE)} {self.unary()}"
        elif kind < 0.95:
            text = f"{self.disjunction()}{self.gap()}{self.pick('and', 'or')}{self.gap()}{self.disjunction()}"
        else:
            text = f"not {self.disjunction()}"
        self.depth -= 1
        return text

    def expression(self) -> str:
        """Any expression that may stand as an argument."""
        kind = self.chance.random()
        if self.left < 0 or kind < 0.85:
            return self.disjunction()
        self.depth += 1
        if kind < 0.93:
            text = f"{self.disjunction()} if {self.disjunction()} else {self.expression()}"
        else:
            taken = self.pick("", " a", " a, *b, c=1", " *, a", " **k", " a, /")
            text = f"lambda{taken}: {self.expression()}"
        self.depth -= 1
        return text

    def target(self) -> str:
        """What is assigned to."""
        return self.pick(
            self.name,
            lambda: f"{self.primary_name()}.{self.name()}",
            lambda: f"{self.primary_name()}[{self.expression()}]",
            lambda: f"{self.name()}, *{self.name()}",
            lambda: f"[{self.name()}, ({self.name()},)]",
        )

    def primary_name(self) -> str:
        """What may stand before a dot on the left side."""
        return self.pick(self.name, "type(self)", "match[0]", "print(a)", "a()")

    def simple(self) -> str:
        """A statement on one line."""
        value = lambda: self.pick(
            self.expression, lambda: f"{self.expression()}, {self.starred()}"
        )
        options = [
            self.expression,
            lambda: f"{self.target()}{self.blank()}={self.blank()}{value()}",
            lambda: f"{self.name()} = {self.target()} = {value()}",
            lambda: f"{self.name()} {self.chance.choice(BINARY)}= {self.expression()}",
            lambda: f"{self.name()}: {self.annotation()} = {self.expression()}",
            lambda: f"{self.name()}.{self.name()}: {self.annotation()}",
            lambda: f"del {self.name()}, {self.name()}[{self.expression()}]",
            lambda: f"assert {self.expression()}, {self.expression()}",
            lambda: f"raise {self.primary()} from {self.expression()}",
            lambda: f"from {self.pick('.', '..a', 'a.b')} import {self.pick('a', '(a, b as c,)', 'a as b')}",
            lambda: self.pick("pass", "import a.b, c as d", "'doc'", "raise"),
        ]
        options += [lambda: f"return {value()}", lambda: f"a = yield {self.expression()}"]
        return self.chance.choice(options)()

    def line(self) -> str:
        """Statements on one line."""
        parts = self.some(self.simple, 1, 2)
        return f"{self.blank()};{self.blank()}".join(parts) + self.pick("", "", ";", "  # c")

    def block(self, indent: str) -> str:
        """A block below a colon."""
        if self.chance.random() < 0.12:
            return " " + self.line() + "\n"
        inner = indent + self.pick(" ", "    ", "  ", "\t", "        ")
        comment = self.pick("", "  # c", " ")
        text = f"{comment}\n"
        for _ in range(self.chance.randint(1, 3)):
            text += self.pick("", "", "\n", f"{self.chance.choice(COMMENTS)}\n", f"{inner}# c\n")
            text += self.statement(inner)
        return text

    def annotation(self) -> str:
        """What stands for a type. Slices are left out: the grammar takes brackets there for the
        parameters of a type."""
        return self.pick(
            self.name,
            lambda: f"{self.name()}.{self.name()}",
            lambda: self.name() + self.bracket("[]", lambda: f"{self.name()}, {self.name()}()"),
            lambda: f"{self.name()}({self.expression()}) | None",
            "'a'",
            "lambda: a()",
        )

    def parameters(self) -> str:
        """What a function takes."""
        return self.pick(
            "",
            "a",
            lambda: f"a, b={self.expression()}",
            lambda: f"a: {self.annotation()}, /, *b, c: int = {self.expression()}, **d",
            "*, a, b",
            "self, *,\n a # c\n,",
        )

    def generic(self) -> str:
        """Type parameters, where this Python has them."""
        options = [""] * 6
        if sys.version_info >= (3, 12):
            options += ["[T]", "[T: int, *Ts, **P]"]
        if sys.version_info >= (3, 13):
            options += ["[T = int]", "[T: a() = b(), *Ts = *a]"]
        return self.chance.choice(options)

    def statement(self, indent: str) -> str:
        """Any statement, with its line ends."""
        self.depth += 2
        try:
            if self.depth > 9 or self.left < 0 or self.chance.random() < 0.5:
                return f"{indent}{self.line()}\n"
            return self.compound(indent)
        finally:
            self.depth -= 2

    def compound(self, indent: str) -> str:
        """A statement with blocks."""
        kind = self.chance.choice(("def", "def", "class", "if", "for", "while", "with", "try", "match"))
        marked = "async " if self.chance.random() < 0.5 else ""
        if kind in {"def", "class"}:
            text = "".join(f"{indent}@{self.expression()}\n" for _ in range(self.chance.randint(0, 2)))
        else:
            text = ""
        text += indent
        if kind == "def":
            returns = self.pick("", lambda: f"{self.blank()}->{self.blank()}{self.annotation()}")
            text += self.pick("async def ", "async  def ", "def ")
            text += f"{self.name()}{self.generic()}({self.parameters()}){returns}:"
            return text + self.block(indent)
        if kind == "class":
            bases = self.pick("", "()", lambda: self.bracket("()", lambda: self.listed(self.argument)))
            text += f"class {self.name()}{self.generic()}{bases}:"
            return text + self.block(indent)
        if kind == "if":
            text += f"if {self.expression()}:{self.block(indent)}"
            for _ in range(self.chance.randint(0, 2)):
                text += f"{indent}elif {self.expression()}:{self.block(indent)}"
            return text + self.otherwise(indent)
        if kind == "for":
            text += f"{marked}for {self.target()} in {self.expression()}:"
            return text + self.block(indent) + self.otherwise(indent)
        if kind == "while":
            text += f"while {self.expression()}:"
            return text + self.block(indent) + self.otherwise(indent)
        if kind == "with":
            items = self.some(lambda: f"{self.expression()}{self.pick('', ' as a', ' as a.b')}", 1, 2)
            joined = ", ".join(items)
            return text + f"{marked}with {self.pick(joined, f'({joined})')}:{self.block(indent)}"
        if kind == "try":
            text += f"try:{self.block(indent)}"
            star = self.pick("", "", "*")
            for _ in range(self.chance.randint(1, 2)):
                text += f"{indent}except{star} {self.primary()}{self.pick('', ' as a')}:{self.block(indent)}"
            text += self.otherwise(indent)
            return text + self.pick("", lambda: f"{indent}finally:{self.block(indent)}")
        text += f"match {self.expression()}:\n"
        inner = indent + "  "
        for _ in range(self.chance.randint(1, 3)):
            guard = self.pick("", lambda: f" if {self.expression()}")
            text += f"{inner}case {self.pattern()}{guard}:{self.block(inner)}"
        return text

    def otherwise(self, indent: str) -> str:
        """The `else` of a statement, or nothing."""
        return self.pick("", "", lambda: f"{indent}else:{self.block(indent)}")

    def pattern(self) -> str:
        """What a `case` asks for."""
        return self.pick(
            "1", "-1", "'a'", "None", "a.b", "[a, *_]", "(a, b)", "{'k': a, **c}",
            "int(a, b=1)", "1 | 2", "[1, [a]] as d", "a.b()",
        )

    def module(self) -> str:
        """The whole file."""
        text = self.pick("", "#!/usr/bin/python\n", "# -*- coding: utf-8 -*-\n", "\n\n", "'''doc'''\n")
        for _ in range(self.chance.randint(1, 6)):
            text += self.pick("", "\n", f"{self.chance.choice(COMMENTS)}\n") + self.statement("")
        return text[:-1] if self.chance.random() < 0.1 else text


def unquoted(text: Text) -> str:
    """An expression without quotes, as every Python takes it in a formatted string."""
    return text.pick("a", "a()", "a.b(c)", "(await_)", "a[0]()", "[a() for a in b]", "a + b(1)")


def valid(seed: int) -> str:
    """The text of `seed`: the first that CPython takes."""
    for attempt in range(1000):
        text = Text(seed * 1000 + attempt).module()
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return text
    raise SystemExit(f"seed {seed} gives no Python")


def main() -> None:
    """Write the files."""
    warnings.simplefilter("ignore")
    folder, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    ends = ("\n", "\n", "\n", "\r\n", "\r")
    for number in range(seed, seed + count):
        text = valid(number)
        end = ends[number % len(ends)]
        (folder / f"g{number}.py").write_bytes(text.replace("\n", end).encode())


main()
