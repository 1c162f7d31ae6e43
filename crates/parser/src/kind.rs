//! The grammar's node kinds and fields as plain enums, so that numbers are compared, never names.

use std::sync::LazyLock;

macro_rules! kinds {
    ($(#[$doc:meta])* $($variant:ident = $name:literal $named:literal,)*) => {
        /// What a node is. Keywords and operators that no reader needs are not kept in the tree.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the variants are the grammar's own names")]
        pub enum Kind { Error, Other, Dropped, $($variant,)* }

        impl Kind {
            fn of(name: &str, named: bool) -> Self {
                match (name, named) {
                    $(($name, $named) => Self::$variant,)*
                    (_, true) => Self::Other,
                    (_, false) => Self::Dropped,
                }
            }
        }
    };
}

kinds! {
    Module = "module" true,
    Block = "block" true,
    Comment = "comment" true,
    LineContinuation = "line_continuation" true,
    ImportStatement = "import_statement" true,
    ImportFromStatement = "import_from_statement" true,
    FutureImportStatement = "future_import_statement" true,
    RelativeImport = "relative_import" true,
    ImportPrefix = "import_prefix" true,
    AliasedImport = "aliased_import" true,
    WildcardImport = "wildcard_import" true,
    DottedName = "dotted_name" true,
    Chevron = "chevron" true,
    PrintStatement = "print_statement" true,
    ExecStatement = "exec_statement" true,
    AssertStatement = "assert_statement" true,
    ExpressionStatement = "expression_statement" true,
    ReturnStatement = "return_statement" true,
    DeleteStatement = "delete_statement" true,
    RaiseStatement = "raise_statement" true,
    PassStatement = "pass_statement" true,
    BreakStatement = "break_statement" true,
    ContinueStatement = "continue_statement" true,
    GlobalStatement = "global_statement" true,
    NonlocalStatement = "nonlocal_statement" true,
    TypeAliasStatement = "type_alias_statement" true,
    IfStatement = "if_statement" true,
    ElifClause = "elif_clause" true,
    ElseClause = "else_clause" true,
    ForStatement = "for_statement" true,
    WhileStatement = "while_statement" true,
    TryStatement = "try_statement" true,
    ExceptClause = "except_clause" true,
    FinallyClause = "finally_clause" true,
    WithStatement = "with_statement" true,
    WithClause = "with_clause" true,
    WithItem = "with_item" true,
    MatchStatement = "match_statement" true,
    CaseClause = "case_clause" true,
    CasePattern = "case_pattern" true,
    ClassPattern = "class_pattern" true,
    KeywordPattern = "keyword_pattern" true,
    SplatPattern = "splat_pattern" true,
    FunctionDefinition = "function_definition" true,
    ClassDefinition = "class_definition" true,
    DecoratedDefinition = "decorated_definition" true,
    Decorator = "decorator" true,
    Parameters = "parameters" true,
    LambdaParameters = "lambda_parameters" true,
    TypedParameter = "typed_parameter" true,
    DefaultParameter = "default_parameter" true,
    TypedDefaultParameter = "typed_default_parameter" true,
    KeywordSeparator = "keyword_separator" true,
    PositionalSeparator = "positional_separator" true,
    TypeParameter = "type_parameter" true,
    Type = "type" true,
    GenericType = "generic_type" true,
    UnionType = "union_type" true,
    MemberType = "member_type" true,
    Assignment = "assignment" true,
    AugmentedAssignment = "augmented_assignment" true,
    PatternList = "pattern_list" true,
    TuplePattern = "tuple_pattern" true,
    ListPattern = "list_pattern" true,
    ListSplatPattern = "list_splat_pattern" true,
    DictionarySplatPattern = "dictionary_splat_pattern" true,
    ListSplat = "list_splat" true,
    DictionarySplat = "dictionary_splat" true,
    AsPattern = "as_pattern" true,
    AsPatternTarget = "as_pattern_target" true,
    ExpressionList = "expression_list" true,
    Identifier = "identifier" true,
    Attribute = "attribute" true,
    Subscript = "subscript" true,
    Slice = "slice" true,
    Call = "call" true,
    ArgumentList = "argument_list" true,
    KeywordArgument = "keyword_argument" true,
    Await = "await" true,
    Yield = "yield" true,
    Lambda = "lambda" true,
    NamedExpression = "named_expression" true,
    ConditionalExpression = "conditional_expression" true,
    BooleanOperator = "boolean_operator" true,
    NotOperator = "not_operator" true,
    BinaryOperator = "binary_operator" true,
    UnaryOperator = "unary_operator" true,
    ComparisonOperator = "comparison_operator" true,
    ParenthesizedExpression = "parenthesized_expression" true,
    Tuple = "tuple" true,
    List = "list" true,
    Set = "set" true,
    Dictionary = "dictionary" true,
    Pair = "pair" true,
    ListComprehension = "list_comprehension" true,
    SetComprehension = "set_comprehension" true,
    DictionaryComprehension = "dictionary_comprehension" true,
    GeneratorExpression = "generator_expression" true,
    ForInClause = "for_in_clause" true,
    IfClause = "if_clause" true,
    String = "string" true,
    ConcatenatedString = "concatenated_string" true,
    StringStart = "string_start" true,
    StringContent = "string_content" true,
    StringEnd = "string_end" true,
    Interpolation = "interpolation" true,
    FormatSpecifier = "format_specifier" true,
    FormatExpression = "format_expression" true,
    Integer = "integer" true,
    Float = "float" true,
    True = "true" true,
    False = "false" true,
    None = "none" true,
    Ellipsis = "ellipsis" true,
    AsyncKeyword = "async" false,
    FromKeyword = "from" false,
    AndOperator = "and" false,
    OrOperator = "or" false,
    IsOperator = "is" false,
    IsNotOperator = "is not" false,
    InOperator = "in" false,
    NotInOperator = "not in" false,
    EqualOperator = "==" false,
    NotEqualOperator = "!=" false,
    DiamondOperator = "<>" false,
    LessOperator = "<" false,
    NotLessOperator = ">=" false,
    PowerOperator = "**" false,
    Star = "*" false,
}

macro_rules! fields {
    ($($variant:ident = $name:literal,)*) => {
        /// The part that a node plays in its parent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the variants are the grammar's own names")]
        pub enum Field { None, $($variant,)* }

        impl Field {
            fn of(name: &str) -> Self {
                match name { $($name => Self::$variant,)* _ => Self::None }
            }
        }
    };
}

fields! {
    Alias = "alias",
    Alternative = "alternative",
    Argument = "argument",
    Arguments = "arguments",
    Attribute = "attribute",
    Body = "body",
    Cause = "cause",
    Condition = "condition",
    Consequence = "consequence",
    Definition = "definition",
    Expression = "expression",
    Function = "function",
    Guard = "guard",
    Key = "key",
    Left = "left",
    ModuleName = "module_name",
    Name = "name",
    Object = "object",
    Operator = "operator",
    Operators = "operators",
    Parameters = "parameters",
    ReturnType = "return_type",
    Right = "right",
    Subject = "subject",
    Subscript = "subscript",
    Superclasses = "superclasses",
    Type = "type",
    TypeParameters = "type_parameters",
    Value = "value",
}

/// Kinds and fields by the grammar's numbers.
pub(crate) struct Table {
    kinds: Box<[Kind]>,
    fields: Box<[Field]>,
}

impl Table {
    /// The kind of the grammar's `id`; ids past the table are ERROR nodes.
    pub(crate) fn kind(&self, id: u16) -> Kind {
        self.kinds.get(usize::from(id)).copied().unwrap_or(Kind::Error)
    }

    pub(crate) fn field(&self, id: Option<std::num::NonZeroU16>) -> Field {
        let index = id.map_or(0, |id| usize::from(id.get()));
        self.fields.get(index).copied().unwrap_or(Field::None)
    }
}

/// The numbers of the linked grammar.
pub(crate) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let language = crate::parse::language();
    let kinds = (0..language.node_kind_count() as u16)
        .map(|id| {
            let name = language.node_kind_for_id(id).unwrap_or_default();
            Kind::of(name, language.node_kind_is_named(id))
        })
        .collect();
    let fields = (0..=language.field_count() as u16)
        .map(|id| language.field_name_for_id(id).map_or(Field::None, Field::of))
        .collect();
    Table { kinds, fields }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_has_what_the_tree_names() {
        let language = crate::parse::language();
        for (name, named) in [("await", true), ("async", false), ("is not", false)] {
            let id = language.id_for_node_kind(name, named);
            assert_ne!(TABLE.kind(id), Kind::Other, "{name}");
            assert_ne!(TABLE.kind(id), Kind::Dropped, "{name}");
        }
        assert!(TABLE.fields.contains(&Field::Superclasses));
    }
}
