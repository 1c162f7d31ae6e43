use super::*;

fn masked(cell: &str) -> Option<String> {
    let masked = magic::masked(cell);
    if let Some(masked) = &masked {
        assert_eq!(masked.len(), cell.len(), "{masked:?}");
    }
    masked
}

#[test]
fn what_only_ipython_takes_is_masked_at_equal_length() {
    for (cell, expected) in [
        ("%time x\n", "0      \n"),
        ("!ls\nx = 1\n", "0  \nx = 1\n"),
        ("if x:\n    !ls \u{e9}\n", "if x:\n    0     \n"),
        ("files = !ls\n", "files = 0  \n"),
        ("d['a'] = !ls\n", "d['a'] = 0  \n"),
        ("a, b = %magic\n", "a, b = 0     \n"),
        ("obj.name??\n", "0         \n"),
        ("?obj\n", "0   \n"),
        ("pip install -U x\n", "0               \n"),
        ("ls $profile\n", "0          \n"),
        ("!ls \\\n  -l\nx\n", "0    \n    \nx\n"),
        ("%%time\nx = 1\n", "0     \nx = 1\n"),
        ("\n# first\n%%timeit -n 1\nx\n", "\n# first\n0            \nx\n"),
    ] {
        assert_eq!(masked(cell).as_deref(), Some(expected), "{cell:?}");
    }
}

#[test]
fn python_is_left_alone() {
    for cell in [
        "x = a % b\nx != y\nx %= 2\n",
        "x = (a\n% b)\n",
        "x = a \\\n% b\n",
        "x = '''\n!ls\n'''\n",
        "x = 'it\\'s'\ny = \"why?\"\n",
        "# why?\nx\n",
        "print(\"N=%i\" % n)\nf(x=!y)\n",
        "ls in x\nls = 1\npip(x)\nrm - 1\ncd if x else y\n",
        "x == '!'\n",
        "x = '('\ny\n",
    ] {
        assert_eq!(masked(cell).as_deref(), Some(cell));
    }
}

#[test]
fn cells_in_other_languages_are_left_out() {
    for cell in ["%%bash\nls\n", "%%html\n<p>\n", "\n%%writefile a.py\nx = 1\n"] {
        assert_eq!(masked(cell), None, "{cell:?}");
    }
}
