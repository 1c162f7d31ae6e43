use super::*;
use crate::kind::Field;
use crate::tree::Node;

fn parsed(text: &str) -> Parsed<'_> {
    parse(text, &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn first(parsed: &Parsed<'_>, kind: Kind) -> String {
    let found = parsed.tree.root().descendants().find(|node| node.kind() == kind);
    found.map_or_else(String::new, |node| node.text().to_owned())
}

fn assert_sound(node: Node<'_>) {
    for child in node.children() {
        assert_eq!(child.parent().map(Node::index), Some(node.index()), "{child:?} in {node:?}");
        assert!(node.span().contains(child.span()), "{child:?} in {node:?}");
        assert_sound(child);
    }
}

#[test]
fn await_binds_tighter_than_power() {
    let parsed = parsed("x = await a.b() ** 2 ** n\n");
    assert_eq!(first(&parsed, Kind::Await), "await a.b()");
    assert_eq!(first(&parsed, Kind::BinaryOperator), "await a.b() ** 2 ** n");
    assert_sound(parsed.tree.root());
}

#[test]
fn a_splat_takes_its_whole_operand() {
    let parsed = parsed("x = [*kw.values(a)]\nfor y in *a.b[0], c: pass\n");
    assert_eq!(first(&parsed, Kind::ListSplat), "*kw.values(a)");
    assert_eq!(first(&parsed, Kind::Call), "kw.values(a)");
    assert_eq!(first(&parsed, Kind::Attribute), "kw.values");
    assert_eq!(first(&parsed, Kind::Subscript), "a.b[0]");
    assert_sound(parsed.tree.root());
}

#[test]
fn an_alias_names_its_whole_operand() {
    for whole in ["a() if b else c()", "lambda: d", "lambda x=(1, 2): a if b else lambda: c(d)"] {
        let text = format!("async with z(y), {whole} as e, f as g: h\nexcept_ = i\n");
        let parsed = parsed(&text);
        let root = parsed.tree.root();
        let patterns = root.descendants().filter(|node| node.kind() == Kind::AsPattern);
        let patterns: Vec<_> = patterns.map(|node| node.text().to_owned()).collect();
        assert_eq!(patterns, [&format!("{whole} as e"), "f as g"]);
        let pattern = root.descendants().find(|node| node.kind() == Kind::AsPattern);
        let pattern = pattern.expect("one was found");
        let operand = pattern.children().next().map(|node| node.text().to_owned());
        assert_eq!(operand.as_deref(), Some(whole));
        assert_eq!(
            pattern.field(Field::Alias).map(|it| it.text().to_owned()).as_deref(),
            Some("e")
        );
        assert_sound(root);
    }
}

#[test]
fn a_specification_that_begins_with_an_equals_sign_assigns_nothing() {
    let text =
        "a = f'{{x:=1}} {x:=06.2f} {x!r:=+9} {(y:=5)} {d[a:b]:=^{w:=3}}'\nif (z := 1): pass\n";
    let parsed = parsed(text);
    assert_eq!(parsed.errors, []);
    let named = parsed.tree.root().descendants().filter(|n| n.kind() == Kind::NamedExpression);
    let named: Vec<_> = named.map(|node| node.text().to_owned()).collect();
    assert_eq!(named, ["y:=5", "z := 1"]);
    let fields = parsed.tree.root().descendants().filter(|n| n.kind() == Kind::Interpolation);
    assert_eq!(fields.count(), 4);
}

#[test]
fn assigning_to_a_called_type_is_no_alias() {
    let parsed = parsed("type(self).x = await f()\ntype(a)[k] = 1\ntype X = int\n");
    assert_eq!(parsed.errors, []);
    assert_eq!(first(&parsed, Kind::Call), "type(self)");
    assert_eq!(first(&parsed, Kind::TypeAliasStatement), "type X = int");
    let assignment = parsed.tree.root().descendants().find(|n| n.kind() == Kind::Assignment);
    let left = assignment.and_then(|a| a.field(Field::Left)).map(|l| l.text().to_owned());
    assert_eq!(left.as_deref(), Some("type(self).x"));
}

#[test]
fn valid_python_that_the_grammar_refuses_is_accepted() {
    for text in [
        "class A[T = int]: ...\n",
        "def f[T = int, *Ts = int, **P = [int]](): ...\n",
        "type X[T = int] = list[T]\n",
        "async def f[T = int, *Ts = *tuple[()]](): ...\n",
        "class A[T: (int, str) = 'a, b]', # why]\n  **P = ...,\n]: ...\n",
        "@d\nasync def f[T: dict[str, int] = dict[str, (int)], U = {'k': [1]}](x=1): return x[1:2]\n",
        "def f():\n    x = (a.\nb)\n    return x\n",
        "def f():\n    x = [  # why\n1,\n# because\n2]\n    return x\n",
        "def f():\n    yield None, *[skip() for _ in x]\n    return a, *(1, 2)\n",
        "x = *[1], 2\nfor y in *[1], *z:\n    pass\n",
        "def f(a: Union[str, D[int]] or None = None, b: L[int]\n  or tuple or None = None): ...\n",
        "async def f(a: L[U[str, int]] or L[str] or None) -> L[int] or None: await a\n",
        "def f(a: C[..., int] & D, b: L[int]&L[str] | None = None) -> L[int] & E: ...\n",
        "x: double[:,:] = f(y)\n",
        "def f(a: my_type[:, ::1], b: my_type[:, ::1], c: int): ...\n",
        "def f():\n    x = f\"\"\"{{\n{\n'a' if y\nelse b:>{\nw}} and\n{z}\"\"\"\n    return x\n",
    ] {
        assert_eq!(parsed(text).errors, [], "{text}");
    }
}

#[test]
fn comments_in_rewritten_parts_are_kept() {
    let text = "def f():\n    x = [  # why\n1,\n# because\n2]  # end\n";
    let parsed = parsed(text);
    let comments: Vec<_> = parsed.comments.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(comments, ["# why", "# because", "# end"]);
}

#[test]
fn a_long_run_of_comments_costs_little_and_is_kept() {
    let text = format!("s = '''\n{}'''\n{}x = 1\n", "# in\n".repeat(100), "# out\n".repeat(20_000));
    let started = Instant::now();
    let parsed = parsed(&text);
    assert_eq!(parsed.comments.len(), 20_000);
    assert_eq!(parsed.errors, []);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn what_python_refuses_is_an_error() {
    for (text, message) in [
        ("def f():\n    a\n  b\n", "unindent does not match any outer indentation level"),
        ("a\n  b\n", "unexpected indent"),
        ("if a:\n\tb\n        c\n", "inconsistent use of tabs and spaces in indentation"),
        ("def f():\n\n", "expected an indented block"),
        ("try:\n    a\n", "expected `except` or `finally`"),
        ("print 'x'\n", "`print` is a function in Python 3"),
        ("async = 1\n", "`async` and `await` are keywords"),
        ("x = 1\u{200b}\n", "invalid non-printable character U+200B"),
        ("z\u{200b} = 3\n", "invalid non-printable character U+200B"),
        ("x = 1\n\u{feff}y = 2\n", "invalid non-printable character U+FEFF"),
        ("def f(:\n    pass\n", "expected `)`"),
    ] {
        let errors = parsed(text).errors;
        assert!(errors.iter().any(|e| e.message == message), "{text:?}: {errors:?}");
    }
}

#[test]
fn invisible_characters_in_strings_and_comments_are_fine() {
    assert_eq!(parsed("x = 'a\u{200b}'  # b\u{feff}\nf'{y}\u{2060}'\n").errors, []);
}

#[test]
fn only_the_function_with_the_error_is_broken() {
    let parsed = parsed("def a():\n    x = 1 +\n\n\ndef b():\n    return 2\n");
    let broken: Vec<_> = parsed
        .tree
        .root()
        .descendants()
        .filter(|n| n.kind() == Kind::FunctionDefinition)
        .map(|n| (n.field(Field::Name).map(Node::text), n.is_broken()))
        .collect();
    assert_eq!(broken, [(Some("a"), true), (Some("b"), false)]);
}

#[test]
fn depth_and_time_are_bounded() {
    let deep = format!("x = {}1{}\n", "(".repeat(100_000), ")".repeat(100_000));
    assert!(matches!(parse(&deep, &Limits::default()), Err(ParseError::TooDeep(_))));
    let chain = format!("x = a{}\n", ".b".repeat(100_000));
    assert!(matches!(parse(&chain, &Limits::default()), Err(ParseError::TooDeep(_))));
    let hurried = Limits { deadline: Duration::ZERO, ..Limits::default() };
    let long = "x = [1, 2, 3]\n".repeat(50_000);
    assert!(matches!(parse(&long, &hurried), Err(ParseError::Timeout(_))));
    assert_eq!(parsed("x = 1\n").errors, [], "the parser is fresh after a timeout");
}

#[test]
fn behind_the_first_error_nothing_is_read_where_a_string_never_ends() {
    let is_read = |text: &str, name: &str| {
        let parsed = parsed(text);
        assert!(!parsed.errors.is_empty(), "{text}");
        let mut nodes = parsed.tree.root().descendants();
        nodes.any(|it| {
            it.kind() == Kind::FunctionDefinition && it.text().contains(name) && !it.is_broken()
        })
    };
    // A quote of the first string is lost, so the second begins where it ended.
    let flipped = "def a():\n    pass\n\ndef b():\n    \"\"Doc.\n\n    def c():\n        c()\n    \
                   \"\"\"\n\ndef d():\n    d()\n";
    assert!(is_read(flipped, "def a"));
    for name in ["def b", "def c", "def d"] {
        assert!(!is_read(flipped, name), "{name}");
    }
    // Quotes in comments and in other strings open nothing.
    for text in ["x = '''a'''", "# '''\ny = \"'''\"\n", "x = 'a\ny = 'b"] {
        assert_eq!(rewrite::unclosed_string(text), None, "{text}");
    }
    assert_eq!(rewrite::unclosed_string("x = '''a\\'''"), Some(4));
}

#[test]
fn a_function_that_an_error_cuts_short_is_broken() {
    let broken = |text: &str| -> Vec<String> {
        let parsed = parsed(text);
        assert!(!parsed.errors.is_empty(), "{text}");
        let nodes = parsed.tree.root().descendants();
        let broken = nodes.filter(|it| it.kind() == Kind::FunctionDefinition && it.is_broken());
        broken.map(|it| it.text().lines().next().unwrap_or_default().to_owned()).collect()
    };
    let cut = "def a():\n    pass\n\ndef b():\n    x = 1\n   await yield x\n\ndef c():\n    pass\n";
    assert_eq!(broken(cut), ["def b():"]);
    let merged = "def a():\n    x = 1\n<<<<<<< ours\n    yield x\n=======\n    yield y\n>>>>>>> b\n\ndef c():\n    pass\n";
    assert_eq!(broken(merged), ["def a():"]);
    let undecorated = "def a(b):\n    @c(b))\n    async def d():\n        return b\n\n    return d\n\n@a\ndef e():\n    pass\n\n@a\ndef f():\n    pass\n";
    assert_eq!(broken(undecorated), ["def a(b):", "def e():"]);
    let beside = "def a():\n    pass\n\nx = = 1\n\ndef c():\n    pass\n";
    assert_eq!(broken(beside), [""; 0]);
}

#[test]
fn what_python_3_15_writes_is_read() {
    let text = "lazy import a\nlazy from b import (c)\nx = {**d for d in await e()}; lazy import f\n\
                async def g(): return [*await h(i) for i in j], k(*(l) for l in m), (*n for n in o)\n";
    let parsed = parsed(text);
    assert_eq!(parsed.errors, []);
    let imports =
        |node: &Node<'_>| matches!(node.kind(), Kind::ImportStatement | Kind::ImportFromStatement);
    let found: Vec<_> = parsed.tree.root().descendants().filter(imports).collect();
    let found: Vec<_> = found.iter().map(|node| node.text()).collect();
    assert_eq!(found, ["lazy import a", "lazy from b import (c)", "lazy import f"]);
    let awaits = parsed.tree.root().descendants().filter(|node| node.kind() == Kind::Await);
    let awaits: Vec<_> = awaits.map(|node| node.text().to_owned()).collect();
    assert_eq!(awaits, ["await e()", "await h(i)"]);
    assert_sound(parsed.tree.root());
}

#[test]
fn lazy_is_a_name_elsewhere() {
    for text in ["lazy = 1\nlazy.x()\n", "def f(lazy): return lazy\n", "x = {**lazy, 'for': 1}\n"] {
        assert_eq!(parsed(text).errors, [], "{text}");
    }
    for text in ["lazy importx\n", "x = lazy import a\n", "f(\nlazy import a)\n", "{**d for}\n"] {
        assert!(!parsed(text).errors.is_empty(), "{text}");
    }
}

#[test]
fn comments_between_decorators_may_stand_anywhere() {
    let text = "class A:\n    @property\n# why\n    def a(self):\n        return 1\n\n    \
                @b(\n  # here\n        1)\n#   c\n    @d\n  #  e\n    async def f(self): pass\n";
    let parsed = parsed(text);
    assert_eq!(parsed.errors, []);
    let comments: Vec<_> = parsed.comments.iter().map(|it| &text[it.range()]).collect();
    assert_eq!(comments, ["# why", "# here", "#   c", "#  e"]);
    let defined = |node: &Node<'_>| node.kind() == Kind::FunctionDefinition;
    assert_eq!(parsed.tree.root().descendants().filter(defined).count(), 2);
    assert_sound(parsed.tree.root());
}
