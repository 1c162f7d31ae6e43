//! What parameters without an annotation are given.

use asynclint_catalog::{Handlers, Registration};
use asynclint_semantic::{BindingKind, ExprId, ExprKind, MODULE_SCOPE, Usage};

use crate::classes::mro::Ancestor;
use crate::functions::decorators::Role;
use crate::functions::parameters::Passed;
use crate::resolver::{ExprRef, Question, Resolver};
use crate::types::{Callee, FunctionRef, ModuleId, Reason, Type};
use crate::uses::Use;

/// A name that stands in more places belongs to too many things.
const MOST_USES: usize = 60;

/// The modules with classes that other libraries' objects belong to without inheriting from them.
const SHAPES: &[&str] = &["abc", "builtins", "collections", "contextlib", "typing"];

impl Resolver<'_> {
    /// The type of a parameter without an annotation, which is no `self`: what a library, pytest or
    /// the project itself calls the function with.
    pub(crate) fn given_to(&self, function: FunctionRef, index: usize) -> Type {
        self.ask(Question::Given(function, index), || {
            if self.project.function_name(function) == "__init__" {
                return self.given_to_init(function, index);
            }
            self.given_by_library(function, index)
                .or_else(|| self.given_by_fixture(function, index))
                .or_else(|| self.given_by_dependency(function, index))
                .or_else(|| self.given_by_callers(function, index))
                .unwrap_or(Type::Unknown(Reason::UnannotatedParameter))
        })
    }

    /// The call beside a parameter of which a library makes what it gives for it: its default,
    /// `session=Depends(get_session)`, or what stands behind the type in
    /// `Annotated[Session, Depends(get_session)]`.
    fn dependency(&self, function: FunctionRef, index: usize) -> Option<ExprRef> {
        let own = self.project.function(function);
        let parameter = own.parameters.get(index)?;
        let at = |id| ExprRef { module: function.module, body: own.home, id };
        if let Some(default) = parameter.default {
            return Some(at(default));
        }
        let written = at(parameter.annotation?);
        let kind = self.project.facts(written.module).body(written.body).kind(written.id);
        let named = match kind {
            ExprKind::Subscript { .. } => written,
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match self.value(written) {
                Type::Alias(alias) => alias,
                _ => return None,
            },
            _ => return None,
        };
        let body = self.project.facts(named.module).body(named.body);
        let ExprKind::Subscript { value, index } = body.kind(named.id) else { return None };
        let (_, beside) = body.subscript_parts(index).split_first()?;
        let call = beside.iter().copied().find(|&id| body.callee(id).is_some())?;
        match self.value(ExprRef { id: value, ..named }) {
            Type::External(name) if name.ends_with(".Annotated") => {
                Some(ExprRef { id: call, ..named })
            }
            _ => None,
        }
    }

    /// What a library gives for the parameter by calling the function that is named beside it.
    fn given_by_dependency(&self, function: FunctionRef, index: usize) -> Option<Type> {
        let at = self.dependency(function, index)?;
        let Callee::External(name) = self.callee(at.module, at.body, at.id) else { return None };
        let call = self.project.catalog().call(&name)?;
        if !call.calls_either || !call.hands_back {
            return None;
        }
        let function = self.function_for(call, at)?;
        match self.callee_of_value(at.module, at.body, function) {
            Callee::Known(function) => {
                Some(self.yields_twin(function).unwrap_or_else(|| self.provided(function)))
            }
            Callee::Class(class) => Some(Type::Instance(class)),
            _ => None,
        }
    }

    /// What a generator yields whose annotation names another class: nothing checks that either.
    fn yields_twin(&self, function: FunctionRef) -> Option<Type> {
        let own = self.project.function(function);
        if !own.is_generator || own.returns.is_none() {
            return None;
        }
        let Type::ExternalInstance(promised) = self.returns(function) else { return None };
        match self.yields(function) {
            Type::ExternalInstance(given) if self.is_other(&promised, &given) => {
                Some(Type::ExternalInstance(given))
            }
            _ => None,
        }
    }

    /// Whether an object of the class `given` is none of the class `promised`, as far as that is known.
    fn is_other(&self, promised: &str, given: &str) -> bool {
        let catalog = self.project.catalog();
        // What is said by shape alone, or stands for anything, holds for objects of many classes.
        !SHAPES.contains(&promised.split('.').next().unwrap_or(promised))
            && catalog.class(promised).is_some()
            && catalog.class(given).is_some()
            && !catalog.is_subclass(promised, given)
            && !catalog.is_subclass(given, promised)
    }

    /// The type of a parameter that has an annotation and beside it names what a library calls for it:
    /// nothing checks what comes of that against the annotation, which may name the twin of the
    /// class that blocks, as in `session: Session = Depends(get_session)` of an `AsyncSession`, or one
    /// of the same name in another library, as `requests.Session` for that of an ORM.
    pub(crate) fn checked_by_dependency(
        &self,
        function: FunctionRef,
        index: usize,
        annotated: Type,
    ) -> Type {
        let Type::ExternalInstance(promised) = &annotated else { return annotated };
        let given = match self.given_by_dependency(function, index) {
            Some(Type::ExternalInstance(given)) => given,
            // What the function gives that is called for it may be lost in a file with syntax errors.
            _ if self.is_called_for_in_broken_file(function, index) => {
                return Type::Unknown(Reason::SyntaxError);
            }
            _ => return annotated,
        };
        let is_other = self.is_other(promised, &given);
        if is_other { Type::ExternalInstance(given) } else { annotated }
    }

    /// Whether a call stands in the place of the parameter or beside it, in a file with syntax errors.
    fn is_called_for_in_broken_file(&self, function: FunctionRef, index: usize) -> bool {
        self.dependency(function, index).is_some_and(|at| {
            let facts = self.project.facts(at.module);
            !facts.errors.is_empty() && facts.body(at.body).callee(at.id).is_some()
        })
    }

    /// What a library hands over that calls the function.
    fn given_by_library(&self, function: FunctionRef, index: usize) -> Option<Type> {
        let name = self.project.function_name(function);
        let given = self
            .decorating(function)
            .and_then(|handlers| handlers.given(name))
            .or_else(|| self.given_to_override(function, name))
            .or_else(|| self.given_to_found(function, name))?;
        self.one_of(given, function, index)
    }

    /// What stands under the decorators of a library as the function does.
    fn decorating(&self, function: FunctionRef) -> Option<&Handlers> {
        let own = self.project.function(function);
        let facts = self.project.facts(function.module);
        let home = facts.body(own.home);
        let at = |id| ExprRef { module: function.module, body: own.home, id };
        let catalog = self.project.catalog();
        let mut decorators =
            home.list(own.decorators).iter().map(|&id| home.callee(id).unwrap_or(id));
        decorators.find_map(|id| match (self.value(at(id)), home.kind(id)) {
            (Type::External(name), _) => {
                catalog.handlers(Registration::Decorator, &name).into_iter().next()
            }
            (_, ExprKind::Attribute { value, name }) => match self.value(at(value)) {
                Type::Function(group) if group != function => {
                    let handlers = self.decorating(group)?;
                    handlers.chains(facts.outline.text(name)).then_some(handlers)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// What a library calls its method with that this one overrides.
    fn given_to_override(&self, method: FunctionRef, name: &str) -> Option<&[Box<str>]> {
        let class = self.project.class_of(method)?;
        self.mro(class).iter().find_map(|above| match above {
            Ancestor::Library(above) => self.project.catalog().given_to_override(above, name),
            _ => None,
        })
    }

    /// What a library calls a function with that it finds by its name.
    fn given_to_found(&self, function: FunctionRef, name: &str) -> Option<&[Box<str>]> {
        let outline = &self.project.facts(function.module).outline;
        if outline.function(function.id).home_scope != MODULE_SCOPE {
            return None;
        }
        let catalog = self.project.catalog();
        // The file of a library is read only where it may be about the function.
        let imports = |root: &&str| self.imports(function.module, root);
        let given = |root: &str| catalog.given_to_handler(Registration::Module, root, name);
        // Who uses a library that builds on another may import that as well: redbot and discord.
        catalog.finders().filter(imports).filter_map(given).last()
    }

    /// Whether the module imports the library, or a part of its package that does: an `__init__` may
    /// leave the work to it.
    pub(crate) fn imports(&self, module: ModuleId, root: &str) -> bool {
        let outline = &self.project.facts(module).outline;
        let is_left_to =
            |part: ModuleId| part != module && self.project.facts(part).outline.imports(root);
        outline.imports(root)
            || self.project.module(module).place.is_package
                && outline.scope(MODULE_SCOPE).bindings.iter().any(|binding| {
                    let BindingKind::Import(import) = &binding.kind else { return false };
                    let from = outline.text(import.module);
                    import.level > 0
                        && self.project.named(module, import, from).is_some_and(is_left_to)
                })
    }

    /// Which of the positional arguments falls to the parameter.
    fn one_of(&self, given: &[Box<str>], function: FunctionRef, index: usize) -> Option<Type> {
        let place = index.checked_sub(self.own_parameters(function))?;
        given.get(place).map(|class| Type::external_instance(class))
    }

    /// How many parameters stand before the first that a call gives: one for `self`.
    fn own_parameters(&self, function: FunctionRef) -> usize {
        let is_method = self.project.class_of(function).is_some();
        usize::from(is_method && self.decorated(function).role != Role::Static)
    }

    /// What every place of the project gives that uses a coroutine function: those that call it, and
    /// those that hand it to a library which calls it. `None` if some of that is not known. Tests may
    /// give what they like.
    fn given_by_callers(&self, function: FunctionRef, index: usize) -> Option<Type> {
        let own = self.project.function(function);
        let home = self.project.facts(function.module).body(own.home);
        let is_bare =
            || home.list(own.decorators).iter().all(|&id| self.keeps_parameters(function, id));
        if !own.is_async || self.linking.get() || !is_bare() || !self.is_own(function) {
            return None;
        }
        let uses = self.few_open_uses(function, MOST_USES)?;
        let uses = uses.iter().filter(|site| {
            site.module == function.module || !self.project.is_test_module(site.module)
        });
        let given = uses.map(|site| self.given_at(site, function, index));
        match Type::join(given.collect()) {
            known @ (Type::Instance(_) | Type::ExternalInstance(_)) => Some(known),
            _ => None,
        }
    }

    /// Whether nobody calls the function under the name of a method that it overrides.
    fn is_own(&self, function: FunctionRef) -> bool {
        let Some(class) = self.project.class_of(function) else { return true };
        let name = self.project.function_name(function);
        self.mro(class).iter().all(|above| match above {
            Ancestor::Project(above) if *above == class => true,
            Ancestor::Project(above) => !self.project.class_binds(*above, name),
            Ancestor::Library(above) => self.project.catalog().member(above, name).is_none(),
            Ancestor::Unknown => false,
        })
    }

    /// What one place gives; nothing, as `None` in Python, if it leaves the parameter its default.
    fn given_at(&self, site: &Use, function: FunctionRef, index: usize) -> Type {
        let unknown = Type::Unknown(Reason::UnannotatedParameter);
        let code = self.project.facts(site.module).body(site.body);
        let expr = code.expr(site.expr);
        let there = |id: ExprId| ExprRef { module: site.module, body: site.body, id };
        let Some(around) = expr.parent.filter(|_| site.is_sure) else { return unknown };
        match expr.usage {
            Usage::Called => {
                let Some(bound) = self.bound_before(there(around)) else { return unknown };
                let own = self.project.function(function);
                // A call of itself that hands on what it was given.
                let is_same = |id| {
                    let name = own.parameters[index].name;
                    (site.module, site.body) == (function.module, own.body)
                        && code.kind(id) == ExprKind::Name(name)
                };
                match self.passed(there(around), function, index, bound) {
                    Passed::Value(id) if !is_same(id) => self.value(there(id)),
                    Passed::Value(_) | Passed::Nothing => Type::None,
                    Passed::Unknown => unknown,
                }
            }
            Usage::Passed => {
                let callee = code.callee(around).map(|id| self.value(there(id)));
                let Some(Type::External(call)) = callee else { return unknown };
                let name = self.project.function_name(function);
                let catalog = self.project.catalog();
                let given = catalog.given_to_handler(Registration::Argument, &call, name);
                given.and_then(|given| self.one_of(given, function, index)).unwrap_or(unknown)
            }
            _ => unknown,
        }
    }
}
